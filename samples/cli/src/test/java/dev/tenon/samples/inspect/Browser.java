package dev.tenon.samples.inspect;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Headless Chromium, with a new profile for each run. */
public final class Browser {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final List<String> FLAGS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--window-size=1400,1000");
    private static final int SECONDS = 90;

    private final Path program;
    private final Path folder;

    private Browser(Path program, Path folder) {
        this.program = program;
        this.folder = folder;
    }

    /**
     * The browser in a folder of {@code PATH}.
     *
     * @param folder the folder for its files
     * @return the browser; null if there is none
     */
    public static Browser find(Path folder) {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
            for (String name : NAMES) {
                Path program = Path.of(directory, name);
                if (Files.isExecutable(program)) {
                    return new Browser(program, folder);
                }
            }
        }
        return null;
    }

    /**
     * The document after its scripts have run.
     *
     * @param page the page
     * @param fragment the end of its address, from {@code #} on; may be empty
     * @return the document as HTML
     * @throws IOException if the browser can't be run
     * @throws InterruptedException if the thread is interrupted
     */
    public String dom(Path page, String fragment) throws IOException, InterruptedException {
        return run(page, fragment, "--dump-dom");
    }

    /**
     * Writes a picture of the page as PNG.
     *
     * @param page the page
     * @param picture the file
     * @throws IOException if the browser can't be run
     * @throws InterruptedException if the thread is interrupted
     */
    public void screenshot(Path page, Path picture) throws IOException, InterruptedException {
        run(page, "", "--screenshot=" + picture.toAbsolutePath());
    }

    /**
     * Writes a picture of the page as PNG.
     *
     * @param page the page
     * @param picture the file
     * @param width the pixels of its width
     * @param height the pixels of its height
     * @throws IOException if the browser can't be run
     * @throws InterruptedException if the thread is interrupted
     */
    public void screenshot(Path page, Path picture, int width, int height) throws IOException, InterruptedException {
        run(page, "", "--window-size=" + width + "," + height, "--screenshot=" + picture.toAbsolutePath());
    }

    private String run(Path page, String fragment, String... what) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(FLAGS);
        command.add("--user-data-dir=" + Files.createTempDirectory(folder, "profile"));
        command.addAll(List.of(what));
        command.add(page.toUri() + fragment);
        Path out = Files.createTempFile(folder, "out", ".html");
        Path log = Files.createTempFile(folder, "log", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(log.toFile())
                .start();
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("the browser did not end:\n" + Files.readString(log));
        }
        return Files.readString(out, StandardCharsets.UTF_8);
    }
}
