package dev.tenon.samples.flink;

import dev.tenon.testkit.ChildJvm;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;

/** A job manager and task managers, each a process of its own. Task managers can be killed. */
final class Cluster {
    private static final String HOST = "127.0.0.1";

    private final Path folder;
    private final int port;
    private final List<ChildJvm> taskManagers = new ArrayList<>();
    private final ChildJvm jobManager;

    /** Starts the processes, with one slot in each task manager. Their output and their checkpoints are in the folder. */
    Cluster(Path folder, int taskManagers) throws IOException {
        this.folder = folder;
        port = freePort();
        // A job that has lost a task manager notices soon, and starts again as often as it takes.
        Files.writeString(Files.createDirectories(folder.resolve("conf")).resolve("config.yaml"), """
                jobmanager.rpc.address: %1$s
                jobmanager.rpc.port: %2$d
                rest.address: %1$s
                rest.port: %3$d
                slot.request.timeout: 60 s
                heartbeat.interval: 500 ms
                heartbeat.timeout: 5 s
                restart-strategy.type: fixed-delay
                restart-strategy.fixed-delay.attempts: 1000
                restart-strategy.fixed-delay.delay: 100 ms
                execution.checkpointing.interval: 500 ms
                execution.checkpointing.dir: %4$s
                io.tmp.dirs: %5$s
                taskmanager.host: %1$s
                taskmanager.numberOfTaskSlots: 1
                taskmanager.cpu.cores: 1
                taskmanager.memory.framework.heap.size: 128 mb
                taskmanager.memory.framework.off-heap.size: 128 mb
                taskmanager.memory.jvm-metaspace.size: 256 mb
                taskmanager.memory.jvm-overhead.min: 192 mb
                taskmanager.memory.jvm-overhead.max: 192 mb
                taskmanager.memory.task.heap.size: 256 mb
                taskmanager.memory.task.off-heap.size: 256 mb
                taskmanager.memory.managed.size: 0 mb
                taskmanager.memory.network.min: 64 mb
                taskmanager.memory.network.max: 64 mb
                """.formatted(
                        HOST,
                        freePort(),
                        port,
                        folder.resolve("checkpoints").toUri(),
                        Files.createDirectories(folder.resolve("tmp"))));
        jobManager = start(StandaloneSessionClusterEntrypoint.class);
        for (int i = 0; i < taskManagers; i++) {
            this.taskManagers.add(start(TaskManagerRunner.class));
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private ChildJvm start(Class<?> program) throws IOException {
        List<String> flags = List.of(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED");
        return ChildJvm.start(
                folder, flags, program, "--configDir", folder.resolve("conf").toString());
    }

    /** Kills one of the task managers, and starts another. */
    void killOne(Random random) throws IOException, InterruptedException {
        int victim = random.nextInt(taskManagers.size());
        taskManagers.get(victim).kill();
        taskManagers.set(victim, start(TaskManagerRunner.class));
    }

    String host() {
        return HOST;
    }

    /** The port to which jobs are submitted. */
    int port() {
        return port;
    }

    void kill() throws InterruptedException {
        for (ChildJvm each : taskManagers) {
            each.kill();
        }
        jobManager.kill();
    }
}
