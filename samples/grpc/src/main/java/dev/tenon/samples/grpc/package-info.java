/**
 * A server of the Open Inference Protocol, version 2, over gRPC. {@link dev.tenon.samples.grpc.GrpcMain} starts it beside the
 * server over HTTP. Both serve the same {@link dev.tenon.samples.serve.ServedModels}.
 *
 * <p>This package translates messages, deadlines, cancellation and errors. Models and limits are no concern of it. The
 * classes of the messages are generated from {@code inference.proto}. A new method is a line there, a constant of {@code Methods} and a method
 * of {@code InferenceService}.
 */
package dev.tenon.samples.grpc;
