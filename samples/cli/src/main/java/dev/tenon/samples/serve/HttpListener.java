package dev.tenon.samples.serve;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Listens for connections of HTTP/1.1. A virtual thread serves each; one thread accepts them, and one ends what takes too long.
 * Neither of these two ends by an exception or an error.
 */
final class HttpListener {
    private static final System.Logger LOG = System.getLogger("dev.tenon.samples.serve");
    private static final int BACKLOG = 1024;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** Answers requests. */
    @FunctionalInterface
    interface Handler {
        /** The answer to a request. What it throws becomes an answer, too. */
        Answer answer(HttpRequest request);
    }

    private final HttpLimits limits;
    private final Handler handler;
    private final IntConsumer answered;
    private final BodyMemory memory;
    private final Connections connections;
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Thread accepting = Thread.ofPlatform().name("tenon-http").unstarted(this::accept);
    private volatile boolean closed;

    /**
     * Begins to listen at an address. Nothing is accepted yet.
     *
     * @param address the address
     * @param limits the limits of clients
     * @param memory counts the bodies
     * @param handler answers requests
     * @param answered is told the status of each answer
     * @throws IOException if the address can't be listened at
     */
    HttpListener(InetSocketAddress address, HttpLimits limits, BodyMemory memory, Handler handler, IntConsumer answered)
            throws IOException {
        this.limits = limits;
        this.handler = handler;
        this.answered = answered;
        this.memory = memory;
        this.connections = new Connections(limits);
        this.listening = new ServerSocket();
        listening.setReuseAddress(true);
        listening.bind(address, BACKLOG);
    }

    HttpLimits limits() {
        return limits;
    }

    Handler handler() {
        return handler;
    }

    BodyMemory memory() {
        return memory;
    }

    Connections connections() {
        return connections;
    }

    void answered(int status) {
        answered.accept(status);
    }

    /** The port. */
    int port() {
        return listening.getLocalPort();
    }

    /** Begins to accept connections. */
    void start() {
        Thread.ofPlatform().daemon().name("tenon-http-limits").start(this::watch);
        accepting.start();
    }

    private void watch() {
        while (!threads.isTerminated()) {
            try {
                connections.expire();
            } catch (RuntimeException | Error e) {
                log(e);
            }
            LockSupport.parkNanos(connections.lookNanos());
        }
    }

    private void accept() {
        while (!closed) {
            Socket socket = null;
            try {
                socket = listening.accept();
                serve(socket);
            } catch (IOException | RuntimeException | Error e) {
                if (!closed) {
                    log(e);
                    close(socket);
                    // The system may lack files or memory.
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }
    }

    private void serve(Socket socket) {
        HttpConnection connection = new HttpConnection(socket, this);
        if (!connections.add(connection)) {
            connection.refuse();
            return;
        }
        try {
            threads.execute(connection);
        } catch (RuntimeException | Error e) {
            connections.remove(connection);
            throw e;
        }
    }

    private static void close(Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            log(e);
        }
    }

    /** Logs a failure that ends no more than a connection. */
    static void log(Throwable e) {
        try {
            LOG.log(System.Logger.Level.WARNING, "a connection is not served", e);
        } catch (RuntimeException | Error again) {
            // There is no memory even for this. What comes next may have it.
        }
    }

    /** Takes no more requests, and waits until those that run are answered, at most some time. */
    void close(Duration most) {
        closed = true;
        try {
            listening.close();
        } catch (IOException e) {
            log(e);
        }
        awaitAccepting();
        connections.stop(most);
        threads.close();
    }

    /** Until the thread that accepts has left, the system still takes connections, though nobody would serve them. */
    private void awaitAccepting() {
        boolean interrupted = false;
        while (accepting.isAlive()) {
            try {
                accepting.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
