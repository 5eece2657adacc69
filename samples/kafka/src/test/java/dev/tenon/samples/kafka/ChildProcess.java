package dev.tenon.samples.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM with the class path of the test, which the test starts, stops and kills. */
final class ChildProcess {
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;

    private ChildProcess(Process process) {
        this.process = process;
    }

    /** Starts a program. All that it prints is appended to a file. */
    static ChildProcess start(Class<?> program, List<String> flags, String argument, Path log) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName(), argument));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        ChildProcess child = new ChildProcess(builder.start());
        // It does not outlive the test, however that ends.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(child.process::destroyForcibly));
        return child;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitCode() {
        return process.exitValue();
    }

    /** Ends it at once: none of its code runs any more. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** Asks it to end, and waits until it has. Returns whether it did. */
    boolean stop() throws InterruptedException {
        process.destroy();
        return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
