package dev.tenon.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes how long each test class took, and why tests did not run, into the folder that {@code -Dtenon.test.log} names: for
 * each JVM a file {@code .times} with a line {@code millis class tier} for each class and engine, and a file
 * {@code .not-run} with the reason of each test that was aborted or disabled. {@code mvnw} prints the slowest classes and
 * counts the reasons. Writes nothing if the property is not set.
 */
public final class TestLog implements TestExecutionListener {
    private final Map<String, Long> starts = new ConcurrentHashMap<>();
    private final Map<String, Long> millis = new ConcurrentHashMap<>();
    private final Queue<String> reasons = new ConcurrentLinkedQueue<>();

    /** Makes a listener, for the launcher of tests. */
    public TestLog() {}

    @Override
    public void executionStarted(TestIdentifier test) {
        if (isTopLevelClass(test)) {
            starts.put(test.getUniqueId(), System.nanoTime());
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        reasons.add(oneLine(reason));
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            String reason = result.getThrowable().map(Throwable::getMessage).orElse("no reason given");
            reasons.add(oneLine(reason));
        }
        Long start = starts.remove(test.getUniqueId());
        if (start != null) {
            ClassSource source = (ClassSource) test.getSource().orElseThrow();
            millis.merge(source.getClassName(), (System.nanoTime() - start) / 1_000_000, Long::sum);
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        List<String> times = new ArrayList<>();
        String tier = System.getProperty("tenon.test.tier", "-");
        millis.forEach((name, time) -> times.add(time + " " + name + " " + tier));
        write(times, ".times");
        write(List.copyOf(reasons), ".not-run");
        millis.clear();
        reasons.clear();
    }

    private static void write(List<String> lines, String suffix) {
        String folder = System.getProperty("tenon.test.log", "");
        if (folder.isEmpty() || lines.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(Path.of(folder));
            Files.write(Path.of(folder, ProcessHandle.current().pid() + "-" + System.nanoTime() + suffix), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String oneLine(String reason) {
        return reason.replace("Assumption failed: ", "").strip().replaceAll("\\s+", " ");
    }

    private static boolean isTopLevelClass(TestIdentifier test) {
        return test.getSource().orElse(null) instanceof ClassSource source
                && !source.getClassName().contains("$");
    }
}
