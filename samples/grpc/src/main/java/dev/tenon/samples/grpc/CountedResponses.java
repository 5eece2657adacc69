package dev.tenon.samples.grpc;

import dev.tenon.samples.serve.Metrics;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Counts responses by their status. */
final class CountedResponses implements ServerInterceptor {
    private final Metrics metrics;

    CountedResponses(Metrics metrics) {
        this.metrics = metrics;
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        return next.startCall(
                new SimpleForwardingServerCall<>(call) {
                    @Override
                    public void close(Status status, Metadata trailers) {
                        metrics.response("grpc", status.getCode().name());
                        super.close(status, trailers);
                    }
                },
                headers);
    }
}
