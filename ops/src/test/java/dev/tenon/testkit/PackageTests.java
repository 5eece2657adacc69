package dev.tenon.testkit;

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;
import static org.junit.platform.engine.discovery.PackageNameFilter.includePackageNames;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.PackageSelector;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/**
 * Runs the tests below a package: the program of a JVM whose flags differ from those of the build's test JVMs. Prints how
 * many tests of each class ran, and each failure. Ends with status 0 if there were tests and none failed.
 */
public final class PackageTests {
    private PackageTests() {}

    /**
     * Runs them.
     *
     * @param arguments the package, an expression of tags, the file in which jqwik keeps failed properties, and the entry of the
     *     class path that holds the tests; without the last one, tests of all entries run
     */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        List<PackageSelector> packages = List.of(selectPackage(arguments[0]));
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(arguments.length > 3 ? selectClasspathRoots(Set.of(Path.of(arguments[3]))) : packages)
                .filters(
                        includePackageNames(arguments[0]),
                        includeClassNamePatterns(".*Test"),
                        TagFilter.includeTags(arguments[1]))
                .configurationParameter("jqwik.database", arguments[2])
                .configurationParameter("jqwik.reporting.onlyfailures", "true")
                .build();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        TestCounts counts = new TestCounts();
        LauncherFactory.create().execute(request, summary, counts);
        counts.byClass.forEach((name, count) -> out.println(count + " tests of " + name));
        summary.getSummary().printFailuresTo(out, Integer.MAX_VALUE);
        long failed = summary.getSummary().getTotalFailureCount();
        out.println(counts.all() + " tests, " + failed + " failed");
        System.exit(failed > 0 ? 1 : counts.all() == 0 ? 2 : 0);
    }

    /** Counts the tests that ran to their end. */
    private static final class TestCounts implements TestExecutionListener {
        private final Map<String, Integer> byClass = new TreeMap<>();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest() && test.getSource().orElse(null) instanceof MethodSource method) {
                byClass.merge(method.getClassName(), 1, Integer::sum);
            }
        }

        private int all() {
            return byClass.values().stream().mapToInt(Integer::intValue).sum();
        }
    }
}
