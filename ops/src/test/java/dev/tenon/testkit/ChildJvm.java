package dev.tenon.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program that runs in a JVM of its own, on the class path of this one. */
public final class ChildJvm {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final List<String> command;
    private final Process process;
    private final Path output;

    private ChildJvm(List<String> command, Process process, Path output) {
        this.command = command;
        this.process = process;
        this.output = output;
    }

    /**
     * The result of a program that has ended.
     *
     * @param status its exit status
     * @param output its standard output and standard error
     */
    public record Result(int status, String output) {}

    /**
     * Runs a program and waits for its end, for two minutes at most.
     *
     * @param folder its working directory, which also gets its output
     * @param flags the flags of its JVM
     * @param program the class with its main method
     * @param arguments the arguments of the main method
     * @return its result
     * @throws IOException if it cannot be started
     * @throws InterruptedException if this thread is interrupted
     */
    public static Result run(Path folder, List<String> flags, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        ChildJvm child = start(folder, flags, program, arguments);
        int status = child.await(PATIENCE);
        return new Result(status, child.output());
    }

    /**
     * Starts a program.
     *
     * @param folder its working directory, which also gets its output
     * @param flags the flags of its JVM
     * @param program the class with its main method
     * @param arguments the arguments of the main method
     * @return the program, which runs
     * @throws IOException if it cannot be started
     */
    public static ChildJvm start(Path folder, List<String> flags, Class<?> program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        // An emulator runs the JVM of an emulated processor.
        command.add(System.getProperty(
                "tenon.test.java",
                Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(folder, "child", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        return new ChildJvm(command, process, output);
    }

    /**
     * Waits for its end.
     *
     * @param patience how long to wait; a program that takes longer is ended, and fails
     * @return its exit status
     * @throws IOException if its output cannot be read
     * @throws InterruptedException if this thread is interrupted
     */
    public int await(Duration patience) throws IOException, InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
            throw new AssertionError(command + " did not end within " + patience + ":\n" + output());
        }
        return process.exitValue();
    }

    /**
     * Ends it, if it runs.
     *
     * @throws InterruptedException if this thread is interrupted
     */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /**
     * Its standard output and standard error so far.
     *
     * @return the text
     * @throws IOException if it cannot be read
     */
    public String output() throws IOException {
        return Files.readString(output);
    }
}
