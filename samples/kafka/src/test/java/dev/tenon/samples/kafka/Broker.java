package dev.tenon.samples.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;

/**
 * A Kafka broker and the controller of its cluster: two processes, with their data in a folder. The broker can be killed.
 *
 * <p>A broker that is killed starts again only when the controller has noticed its death. Otherwise it would believe for a
 * moment that it still leads its partitions while it is not admitted yet. The coordinator of transactions ends those that
 * are too old in that moment, finds no broker for their markers, and drops them: neither committed nor aborted, they stay.
 */
final class Broker {
    private static final List<String> FLAGS = List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    /** Ports of clients begin at 32768, or higher: no search gets there. */
    private static final int FIRST_PORT = 15_000;

    private static final int PORTS = 4_000;
    private static final String NOTICED = "Fencing broker 1 ";
    private static final String ADMITTED = "broker 1 to unfence has been granted";

    private final Path folder;
    private final Path settings;
    private final String address;
    private ChildProcess controller;
    private ChildProcess process;

    Broker(Path folder) throws IOException {
        this.folder = folder;
        int port = freePort(FIRST_PORT);
        int controllerPort = freePort(FIRST_PORT + 2 * PORTS);
        address = "127.0.0.1:" + port;
        String common = """
                controller.quorum.voters=2@127.0.0.1:%d
                controller.listener.names=CONTROLLER
                listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
                broker.heartbeat.interval.ms=500
                broker.session.timeout.ms=5000
                auto.create.topics.enable=false
                """.formatted(controllerPort);
        // Few partitions of its own topics, and short waits for those who died: a test does not have a minute.
        settings = write("broker", common + """
                process.roles=broker
                node.id=1
                listeners=PLAINTEXT://%s
                log.dirs=%s
                offsets.topic.num.partitions=1
                offsets.topic.replication.factor=1
                transaction.state.log.num.partitions=1
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.abort.timed.out.transaction.cleanup.interval.ms=500
                group.initial.rebalance.delay.ms=0
                group.min.session.timeout.ms=1000
                """.formatted(address, folder.resolve("data")));
        Path other = write("controller", common + """
                process.roles=controller
                node.id=2
                listeners=CONTROLLER://127.0.0.1:%d
                log.dirs=%s
                """.formatted(controllerPort, folder.resolve("metadata")));
        String cluster = Uuid.randomUuid().toString();
        format(cluster, settings);
        format(cluster, other);
        controller = ChildProcess.start(Kafka.class, FLAGS, other.toString(), log("controller"));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name + ".properties"), text);
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    private static void format(String cluster, Path file) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        // Leaders are chosen among the replicas that are in sync, as of old: all partitions of the broker at once.
        String[] format = {
            "format", "-t", cluster, "-c", file.toString(), "--feature", "eligible.leader.replicas.version=0"
        };
        int code = StorageTool.execute(format, new PrintStream(said, true, StandardCharsets.UTF_8));
        assertThat(code).as(said.toString(StandardCharsets.UTF_8)).isZero();
    }

    /**
     * A port that is free, and that no system gives to a client: the broker frees it when it is killed, and takes it again.
     * The search begins at random, so that tests that run beside each other do not meet.
     */
    private static int freePort(int lowest) throws IOException {
        int first = lowest + ThreadLocalRandom.current().nextInt(PORTS);
        for (int i = 0; i < PORTS; i++) {
            if (isFree(first + i)) {
                return first + i;
            }
        }
        throw new IOException("no free port from " + first);
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (BindException e) {
            return false;
        }
    }

    /** {@return where clients find it} */
    String address() {
        return address;
    }

    void start() throws IOException {
        process = ChildProcess.start(Kafka.class, FLAGS, settings.toString(), log("broker"));
    }

    /** Kills it, and waits until the controller knows. */
    void kill() throws IOException, InterruptedException {
        assertThat(process.isAlive()).as("the broker, see " + folder).isTrue();
        process.kill();
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (isAdmitted()) {
            assertThat(System.nanoTime())
                    .as("the controller notices, see " + folder)
                    .isLessThan(end);
            Thread.sleep(100);
        }
    }

    /** Whether the controller takes the broker for alive. A broker that dies early has never been. */
    private boolean isAdmitted() throws IOException {
        try (Stream<String> lines = Files.lines(log("controller"))) {
            return lines.filter(line -> line.contains(NOTICED) || line.contains(ADMITTED))
                    .reduce((first, second) -> second)
                    .filter(last -> last.contains(ADMITTED))
                    .isPresent();
        }
    }

    /** Ends all that runs. */
    void end() throws InterruptedException {
        if (process != null) {
            process.kill();
        }
        controller.kill();
    }

    void create(Collection<NewTopic> topics) throws Exception {
        try (Admin admin = Admin.create(Map.of(
                "bootstrap.servers",
                address,
                "default.api.timeout.ms",
                Long.toString(PATIENCE.toMillis()),
                "request.timeout.ms",
                Long.toString(PATIENCE.toMillis())))) {
            admin.createTopics(topics).all().get();
        }
    }
}
