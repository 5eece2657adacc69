/**
 * {@code samples/run inspect}: what a model is, what becomes of it, and where the time goes, as text and as a page that
 * needs no network. {@link dev.tenon.samples.inspect.PageData} gathers what the page shows; the page itself, layout and
 * drawing, is the resource {@code page.html}.
 *
 * <p>What must not live here: figures that a session does not tell; they belong into {@link dev.tenon.Session}.
 */
package dev.tenon.samples.inspect;
