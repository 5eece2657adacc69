package dev.tenon.samples.verify;

import dev.tenon.Tenon;
import dev.tenon.formats.AtomicFile;
import dev.tenon.samples.Arguments;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.samples.UsageException;
import dev.tenon.samples.verify.TestResult.Status;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Runs all tests below some folders and prints the result of each. */
public final class VerifyCommand implements Command {
    private static final int SLOWEST = 10;

    /** Makes the command. */
    public VerifyCommand() {}

    @Override
    public Usage usage() {
        return Usage.of(
                        "samples/run verify",
                        "Runs ONNX backend tests: folders with a model.onnx and with test_data_set_0 and so on.")
                .arguments("DIR...", "folders below which tests are looked for")
                .option("--tier", "TIER", "the only kernels that may run: scalar, vector or assembled")
                .option("--threads", "N", "how many tests run at once, 1 if it is not given")
                .option("--json", "FILE", "writes the results as JSON")
                .option("--expect", "FILE", "tests that may fail: in each line a name and a reason")
                .exit(1, "a test failed, or not those failed that --expect names")
                .example(
                        "samples/run verify target/corpus",
                        "samples/run verify target/corpus --tier scalar --threads 2 --json results.json");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        Arguments given = usage().parse(args);
        given.value("--tier").ifPresent(VerifyCommand::useTier);
        int threads = given.number("--threads", 1, 9_999, 1);
        List<Path> folders = given.rest().stream().map(Path::of).toList();
        if (folders.isEmpty()) {
            throw new UsageException("name a folder");
        }
        List<BackendTest> tests = tests(folders);
        if (tests.isEmpty()) {
            throw new UsageException("there is no test (a folder with a model.onnx) below " + folders);
        }
        List<TestResult> results = runAll(tests, threads, out);
        printSlowest(results, out);
        given.path("--json").ifPresent(file -> writeJson(results, file));
        boolean asExpected = given.has("--expect")
                ? compare(results, given.path("--expect").orElseThrow(), out)
                : results.stream().allMatch(r -> r.status() == Status.PASS);
        out.println(count(results, Status.PASS) + " passed, " + count(results, Status.FAIL) + " failed, "
                + count(results, Status.UNSUPPORTED) + " unsupported");
        return asExpected ? 0 : 1;
    }

    /** Runs tests in some threads, the largest models first. The results have the order of the tests. */
    private static List<TestResult> runAll(List<BackendTest> tests, int threads, PrintStream out) {
        List<TestResult> results = new ArrayList<>();
        if (threads == 1) {
            for (BackendTest test : tests) {
                results.add(printed(test.run(), out));
            }
            return results;
        }
        Map<BackendTest, Future<TestResult>> running = new HashMap<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            tests.stream()
                    .sorted(Comparator.comparingLong(BackendTest::modelBytes).reversed())
                    .forEach(test -> running.put(test, pool.submit(() -> printed(test.run(), out))));
        }
        tests.forEach(test -> results.add(running.get(test).resultNow()));
        return results;
    }

    private static TestResult printed(TestResult result, PrintStream out) {
        out.println(result.line());
        return result;
    }

    /** Limits the library to a tier. Must run before the first use of the library, which detects the tiers. */
    private static void useTier(String tier) {
        switch (tier) {
            case "scalar" -> {
                System.setProperty("tenon.vector", "off");
                System.setProperty("tenon.native", "off");
            }
            case "vector" -> System.setProperty("tenon.native", "off");
            case "assembled" -> System.setProperty("tenon.native", "require");
            default -> throw new UsageException("tier " + tier + " is not one of scalar, vector, assembled");
        }
        if (Tenon.describe().lines().noneMatch(line -> line.matches(tier + " +on .*"))) {
            throw new UsageException("tier " + tier + " is not active:\n" + Tenon.describe());
        }
    }

    /** Finds the tests below some folders. */
    static List<BackendTest> tests(List<Path> folders) throws IOException {
        List<BackendTest> tests = new ArrayList<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(p -> p.getFileName() != null
                                && p.getFileName().toString().equals("model.onnx"))
                        .map(p -> p.toAbsolutePath().getParent())
                        .sorted()
                        .map(BackendTest::of)
                        .forEach(tests::add);
            }
        }
        return tests;
    }

    private static long count(List<TestResult> results, Status status) {
        return results.stream().filter(r -> r.status() == status).count();
    }

    private static void printSlowest(List<TestResult> results, PrintStream out) {
        out.println();
        out.println("slowest:");
        results.stream()
                .sorted(Comparator.comparingLong(TestResult::nanos).reversed())
                .limit(SLOWEST)
                .forEach(r -> out.printf(Locale.ROOT, "  %8.1f ms  %s%n", r.nanos() / 1e6, r.name()));
    }

    /**
     * Whether the tests that did not pass are those that a file names. Each line of the file has the name of a test and
     * a reason. Lines of folders of which no test ran do not count.
     */
    private static boolean compare(List<TestResult> results, Path file, PrintStream out) throws IOException {
        Map<String, String> expected = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] fields = line.split("\\s+", 2);
                if (fields.length < 2 || fields[1].isBlank()) {
                    throw new UsageException(file + ": '" + line + "' has no reason");
                }
                expected.put(fields[0], fields[1]);
            }
        }
        boolean equal = true;
        Set<String> folders = results.stream().map(r -> folder(r.name())).collect(Collectors.toSet());
        expected.keySet().removeIf(name -> !folders.contains(folder(name)));
        for (TestResult r : results) {
            boolean known = expected.containsKey(r.name());
            if (known == (r.status() == Status.PASS)) {
                out.println(known ? "unexpected pass: " + r.name() : "unexpected: " + r.line());
                equal = false;
            }
            expected.remove(r.name());
        }
        for (String name : expected.keySet()) {
            out.println("expected, but there is no such test: " + name);
            equal = false;
        }
        return equal;
    }

    /** The folder in the name of a test, which is {@code folder/test}. */
    private static String folder(String name) {
        return name.substring(0, name.indexOf('/') + 1);
    }

    private static void writeJson(List<TestResult> results, Path file) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeNumberProperty("passed", count(results, Status.PASS));
            json.writeNumberProperty("failed", count(results, Status.FAIL));
            json.writeNumberProperty("unsupported", count(results, Status.UNSUPPORTED));
            json.writeArrayPropertyStart("tests");
            for (TestResult r : results) {
                json.writeStartObject();
                json.writeStringProperty("name", r.name());
                json.writeStringProperty("status", r.status().name());
                json.writeStringProperty("reason", r.reason());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        AtomicFile.make(file, ".json", part -> Files.writeString(part, text.toString()));
    }
}
