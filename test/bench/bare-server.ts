// A baseline: Koa with a fixed JSON response. It doesn't read requests.
import Koa from 'koa';

const app = new Koa();
app.use((ctx) => {
  ctx.body = { 'nr of entries': 1, results: ['a line as long as others are'] };
});
app.listen(Number(process.env.PORT), '127.0.0.1');
