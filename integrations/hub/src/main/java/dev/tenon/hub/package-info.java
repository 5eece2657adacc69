/**
 * Where models come from: {@link dev.tenon.hub.Hub} gives files of Hugging Face, of servers of HTTP and of folders of MLflow as paths that
 * {@code Model.load} takes.
 *
 * <p>{@code Requests} asks a server and follows its redirects, {@code Transfer} gets one file whole or not at all, {@code HubCache} is the
 * layout that Python's huggingface_hub uses, and {@code CacheLock} keeps two callers apart. Nothing here may read a model, use the network
 * unasked, or put a query or a token into a text. A further source is a method of {@code Hub} and a class beside {@code HttpFiles}, which
 * brings its files by {@code Transfer}.
 */
package dev.tenon.hub;
