package dev.tenon.samples.grpc;

import dev.tenon.samples.serve.ServedModels;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;

/**
 * A server at a free port of this machine, and a client of it.
 *
 * @param server the server
 * @param channel the client
 */
record TestConnection(GrpcServer server, ManagedChannel channel) implements AutoCloseable {
    /** Starts a server for some models, and connects to it. */
    static TestConnection to(ServedModels models) throws IOException {
        GrpcServer server = GrpcServer.start(models, 0);
        return new TestConnection(
                server,
                NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                        .usePlaintext()
                        .build());
    }

    /** Makes a call and waits for its response. */
    <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
        return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, request);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
    }
}
