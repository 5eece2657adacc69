package dev.tenon.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tenon.Model;
import dev.tenon.error.InvalidInputException;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command line ends with a code and a line, whatever its arguments are. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MainTest {
    @TempDir
    private Path folder;

    /** A command that fails. */
    private record Failing(Throwable failure) implements Command {
        @Override
        public Usage usage() {
            return Usage.of("samples/run fail", "Fails.").arguments("[NOTHING]", "is ignored");
        }

        @Override
        public int run(List<String> args, PrintStream out) throws IOException {
            switch (failure) {
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new AssertionError(failure);
            }
        }
    }

    private static void ends(Throwable failure, int code, String... lines) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int found = Main.run("fail", new Failing(failure), List.of(), System.out, new PrintStream(err, true));
        String text = err.toString(StandardCharsets.UTF_8);
        assertThat(found).as(text).isEqualTo(code);
        List<String> all = text.lines().toList();
        assertThat(all).as(text).hasSize(lines.length);
        for (int i = 0; i < lines.length; i++) {
            assertThat(all.get(i)).contains(lines[i]);
        }
    }

    @Test
    void everyFailureIsALineAndACode() {
        String usage = "usage: samples/run fail [-h] [NOTHING]; --help tells more";
        ends(new UsageException("name a model"), 2, "name a model", usage);
        ends(new InvalidPathException("a\0b", "no such character"), 2, "no such character", usage);
        ends(new InvalidInputException("input 'x'", "2", "3", null), 1, "samples/run fail: input 'x'");
        ends(new NoSuchFileException("a.onnx"), 1, "samples/run fail: there is no file a.onnx");
        ends(new UncheckedIOException(new AccessDeniedException("a.csv")), 1, "no permission for a.csv");
        ends(new FileSystemLoopException("a"), 1, "FileSystemLoopException: a");
        ends(new IOException("no space left"), 1, "no space left");
        ends(new IOException(), 1, "java.io.IOException");
        ends(new OutOfMemoryError("Java heap space"), 1, "-Xmx");
        ends(new StackOverflowError(), 1, "-Xss");
    }

    @Test
    void everyCommandHasHelpWithExamplesAndExitCodes() throws IOException {
        List<String> names = new ArrayList<>(Main.commands().keySet());
        assertThat(names).hasSizeGreaterThanOrEqualTo(18);
        FrameworkSample.all().forEach(sample -> names.add(sample.name()));
        assertThat(names).contains("grpc", "kafka", "spark", "spring-boot");
        for (String name : names) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
            assertThat(Main.run(new String[] {name, "--help"}, out, System.err)).isZero();
            String help = bytes.toString(StandardCharsets.UTF_8);
            assertThat(help)
                    .startsWith("Usage: samples/run " + name)
                    .contains("-h, --help", "Exit codes:")
                    .containsPattern("  0 +success\n")
                    .containsPattern("  2 +wrong arguments\n")
                    .containsPattern("Examples:\n  samples/run " + name);
        }
    }

    /** An option of the help is one that the command takes, and the other way round: both are made of the same usage. */
    @Test
    void optionsAreParsedAsTheHelpSays() {
        Usage usage = Usage.of("samples/run any", "50 % of it.")
                .arguments("FILE...", "files")
                .required("--out", "FILE", "a file")
                .option("--rows", "N", "10 % of the rows")
                .repeated("--shape", "S", "a shape")
                .flag("is fast", "--fast", "--quick");
        Arguments given = usage.parse(
                List.of("a", "--shape", "x=1", "--rows=7", "--shape", "y=2", "--quick", "--out", "-1", "--", "--b"));
        assertThat(given.rest()).containsExactly("a", "--b");
        assertThat(given.values("--shape")).containsExactly("x=1", "y=2");
        assertThat(given.number("--rows", 1, 9, 2)).isEqualTo(7);
        assertThat(given.has("--fast")).isTrue();
        assertThat(given.value("--out")).contains("-1");
        assertThat(usage.help()).contains("50 % of it.", "10 % of the rows", "--out=FILE", "--fast, --quick");
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> given.number("--rows", 1, 6, 2))
                .withMessage("--rows 7 is not a number from 1 to 6");
        refuses(usage, "give --out", "a");
        refuses(usage, "--out needs a value", "--out");
        refuses(usage, "--out needs a value", "--out", "--fast");
        refuses(usage, "--rows is given twice", "--out", "x", "--rows", "1", "--rows", "2");
        refuses(usage, "unknown option --slow", "--out", "x", "--slow");
        refuses(Usage.of("samples/run none", "Nothing."), "unexpected argument x", "x");
    }

    private static void refuses(Usage usage, String message, String... args) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> usage.parse(List.of(args)))
                .withMessage(message);
    }

    private record Ended(int code, String out, String err) {}

    /** Runs the command line in a process of its own. */
    private Ended run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        Path err = folder.resolve("err");
        Process process =
                new ProcessBuilder(command).redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), out, Files.readString(err));
    }

    private String model() {
        Path model = folder.resolve("scale.onnx");
        Model.of(GraphText.parse("graph (%x: f32[n,3]) {\n%y = Neg(%x) return %y\n}", StandardOperators.set()))
                .save(model);
        return model.toString();
    }

    @Test
    void inputsThatNeedTooMuchAreToldInALine() throws Exception {
        String model = model();
        for (String shape : List.of("x=9000000x3", "x=" + "1x".repeat(50_000) + "1", "x=999999999x999999999")) {
            Ended ended = run("inspect", model, "--shape", shape);
            assertThat(ended.code()).as(ended.err()).isIn(1, 2);
            assertThat(ended.err()).doesNotContain("Exception in thread", "\tat ");
            assertThat(ended.err().lines().filter(l -> l.startsWith("samples/run inspect: ") || l.startsWith("usage")))
                    .as(ended.err())
                    .hasSize(1);
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "it has no /dev/stdout")
    void aPageGoesToThePipeOfTheOutput() throws Exception {
        Ended ended = run("inspect", model(), "--html", "/dev/stdout");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("<!DOCTYPE html>", "</html>", "wrote /dev/stdout");
    }
}
