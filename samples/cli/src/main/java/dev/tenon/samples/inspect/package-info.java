/**
 * {@code samples/run inspect} shows a model, its optimised graph, and the time that each step takes, as text and as a
 * web page that needs no network. {@link dev.tenon.samples.inspect.PageData} gathers the data of the page. The resource
 * {@code page.html} has its layout and draws the graph.
 *
 * <p>Must not live here: figures that a session does not know. They belong into {@link dev.tenon.Session}.
 */
package dev.tenon.samples.inspect;
