/**
 * A server of the Open Inference Protocol, version 2, over HTTP: {@link dev.tenon.samples.serve.ServeCommand} starts it. Models,
 * versions, batching and deadlines are those of {@code dev.tenon.serving}; this package translates requests, answers and errors.
 * {@link dev.tenon.samples.serve.ServedModels}, {@link dev.tenon.samples.serve.RawTensors} and {@link dev.tenon.samples.serve.Failure}
 * know nothing of HTTP: the server for gRPC, a sample of its own, stands on them. {@link dev.tenon.samples.serve.Repository} is the
 * only class that makes paths of names that clients send.
 *
 * <p>{@link dev.tenon.samples.serve.HttpListener} and what it needs ({@code HttpConnection}, {@code HttpInput}, {@code HttpHead},
 * {@code Connections}) speak HTTP/1.1 and know nothing of models. They are here because {@code com.sun.net.httpserver} can't be
 * bounded for one server, and does not survive errors: its limits are system properties of the process, and an error ends the
 * thread that accepts connections.
 *
 * <p>A new endpoint is a case of {@link dev.tenon.samples.serve.Endpoint} and a method of
 * {@link dev.tenon.samples.serve.InferenceServer}.
 */
package dev.tenon.samples.serve;
