/**
 * {@code samples/run inspect} shows a model, its optimised graph, and the time that each step takes, as text, as a web page and as
 * a trace: all by {@link dev.tenon.Inspection}. Here are its arguments and the inputs that it makes up.
 */
package dev.tenon.samples.inspect;
