package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.samples.Main;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code samples/run serve} in a process of its own. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;
    private final Path log;
    private final int port;

    private ServerProcess(Process process, Path log) throws IOException {
        this.process = process;
        this.lines = process.inputReader();
        this.log = log;
        this.port = readPort();
    }

    /**
     * Starts a server at any port.
     *
     * @param folder for its log
     * @param flags more flags of the JVM
     * @param arguments its arguments, but for the port
     */
    static ServerProcess start(Path folder, List<String> flags, List<String> arguments) throws IOException {
        Path log = folder.resolve("server.log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of(
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--port",
                "0"));
        command.addAll(arguments);
        return new ServerProcess(
                new ProcessBuilder(command).redirectError(log.toFile()).start(), log);
    }

    private int readPort() throws IOException {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("listening at ")) {
                return URI.create(line.split(" ")[2]).getPort();
            }
        }
        throw new AssertionError("the server did not start: " + log());
    }

    int port() {
        return port;
    }

    /** What it has said about faults. */
    String log() throws IOException {
        return Files.readString(log);
    }

    /** The memory of the process, kB; 1 where the system does not tell, which the tests print. */
    long resident() throws IOException {
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        if (!Files.exists(status)) {
            return 1;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new AssertionError(status + " has no VmRSS");
    }

    /** Tells the server to end, and waits until it has. */
    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        } finally {
            process.destroyForcibly();
            lines.close();
        }
    }
}
