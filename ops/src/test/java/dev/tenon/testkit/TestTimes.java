package dev.tenon.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes how long each test class took into the folder that {@code -Dtenon.test.times} names, one file for each JVM, one
 * line {@code millis class tier} for each class and engine. {@code mvnw} prints the slowest classes from these files. Writes
 * nothing if the property is not set.
 */
public final class TestTimes implements TestExecutionListener {
    private final Map<String, Long> starts = new ConcurrentHashMap<>();
    private final Map<String, Long> millis = new ConcurrentHashMap<>();

    /** Makes a listener, for the launcher of tests. */
    public TestTimes() {}

    @Override
    public void executionStarted(TestIdentifier test) {
        if (isTopLevelClass(test)) {
            starts.put(test.getUniqueId(), System.nanoTime());
        }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Long start = starts.remove(test.getUniqueId());
        if (start != null) {
            ClassSource source = (ClassSource) test.getSource().orElseThrow();
            millis.merge(source.getClassName(), (System.nanoTime() - start) / 1_000_000, Long::sum);
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        String folder = System.getProperty("tenon.test.times", "");
        if (folder.isEmpty() || millis.isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>();
        String tier = System.getProperty("tenon.test.tier", "-");
        millis.forEach((name, time) -> lines.add(time + " " + name + " " + tier));
        millis.clear();
        try {
            Files.createDirectories(Path.of(folder));
            Files.write(Path.of(folder, ProcessHandle.current().pid() + "-" + System.nanoTime() + ".txt"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isTopLevelClass(TestIdentifier test) {
        return test.getSource().orElse(null) instanceof ClassSource source
                && !source.getClassName().contains("$");
    }
}
