// The routes that texts and links name too.
export const API_ROUTE = '/api/v1/json';
export const INSTRUCTIONS_ROUTE = '/api/v1/web';
export const DICTIONARIES_ROUTE = '/api/v1/dictionaries';
