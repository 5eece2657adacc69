package dev.tenon.testkit;

import java.util.Map;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Prints the entries that tests publish: figures, and reasons why a test did not run. Surefire does not print them. */
public final class ReportPrinter implements TestExecutionListener {
    /** A printer, for the launcher of tests. */
    public ReportPrinter() {}

    @Override
    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
        TestSource source = test.getSource().orElse(null);
        String name = source instanceof MethodSource method
                ? method.getJavaClass().getSimpleName() + "." + method.getMethodName()
                : test.getDisplayName();
        for (Map.Entry<String, String> pair : entry.getKeyValuePairs().entrySet()) {
            System.out.println(name + ": " + pair.getKey() + ": " + pair.getValue());
        }
    }
}
