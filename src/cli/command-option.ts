// An option of a command.

export interface CommandOption {
  /** What a value stands for; without it, the option is a flag. */
  value?: string;
  /** The letter of its short form. */
  short?: string;
  description: string;
}
