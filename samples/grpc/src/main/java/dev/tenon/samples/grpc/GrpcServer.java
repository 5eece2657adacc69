package dev.tenon.samples.grpc;

import dev.tenon.samples.serve.ServedModels;
import dev.tenon.samples.serve.ServerOptions;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Listens for gRPC. Each call runs on a virtual thread of its own. Beside the inference service there are those of gRPC for
 * health and reflection, so that probes and command lines need no files of this project.
 */
public final class GrpcServer implements AutoCloseable {
    private static final int SHUTDOWN_SECONDS = 20;

    private final Server server;
    private final String host;
    private final HealthStatusManager health;
    private final ExecutorService threads;

    private GrpcServer(Server server, String host, HealthStatusManager health, ExecutorService threads) {
        this.server = server;
        this.host = host;
        this.health = health;
        this.threads = threads;
    }

    /**
     * Starts a server.
     *
     * @param models the models; their options say which address to listen at and how large messages may be
     * @param port the port, 0 for any that is free
     * @return the server, which answers already
     * @throws IOException if the port can't be listened at
     */
    public static GrpcServer start(ServedModels models, int port) throws IOException {
        ServerOptions options = models.options();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HealthStatusManager health = new HealthStatusManager();
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(options.host(), port))
                .executor(threads)
                .maxInboundMessageSize(options.maxBodyBytes())
                .addStreamTracerFactory(new MessageMemory(models.bodyMemory()))
                .handshakeTimeout(options.http().headTime().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(options.http().idleTime().toMillis(), TimeUnit.MILLISECONDS)
                .addService(new InferenceService(models))
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .intercept(new CountedResponses(models.metrics()))
                .build();
        try {
            server.start();
        } catch (IOException e) {
            threads.close();
            throw e;
        }
        return new GrpcServer(server, options.host(), health, threads);
    }

    /** {@return the port} */
    public int port() {
        return server.getPort();
    }

    /** {@return the address, for clients} */
    public String address() {
        return host + ":" + port();
    }

    /** Takes no more calls, and waits until those that run have ended, at most 20 s. */
    @Override
    public void close() {
        if (!server.isShutdown()) {
            health.enterTerminalState();
        }
        server.shutdown();
        try {
            if (!server.awaitTermination(SHUTDOWN_SECONDS, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        threads.close();
    }
}
