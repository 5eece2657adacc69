package dev.tenon.samples.published;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The result of a run of a JDK tool.
 *
 * @param status the exit status
 * @param out the text of standard output
 * @param err the text of standard error
 */
record Tool(int status, String out, String err) {
    private static final long LIMIT_SECONDS = 120;

    /** Runs {@code java} or {@code javac} of the running JDK in a writable folder, and waits for its end. */
    static Tool run(Path folder, String tool, List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", tool).toString());
        command.addAll(arguments);
        Path out = Files.createTempFile(folder, tool, ".out");
        Path err = Files.createTempFile(folder, tool, ".err");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new IllegalStateException(command + " was still running after " + LIMIT_SECONDS + " seconds");
        }
        return new Tool(process.exitValue(), text(out), text(err));
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
