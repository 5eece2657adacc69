package dev.tenon.testkit;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.TestReporter;

/** Tests of this class path in a JVM of its own, whose flags differ from those of the build's test JVMs. */
public final class ChildTests {
    /** Surefire waits as long for the JVM of this test. */
    private static final Duration PATIENCE = Exhaustive.isOn() ? Duration.ofHours(2) : Duration.ofMinutes(20);

    private final ChildJvm jvm;
    private final List<String> flags;

    private ChildTests(ChildJvm jvm, List<String> flags) {
        this.jvm = jvm;
        this.flags = flags;
    }

    /**
     * Starts a JVM with the properties of Tenon that this one has.
     *
     * @param folder its working directory
     * @param tier the tier that its tests ask for, see {@link Tier}
     * @param more its other flags, which win
     * @param tags an expression of tags: the tests that run
     * @return the JVM, which runs
     * @throws IOException if it can't be started
     */
    public static ChildTests start(Path folder, String tier, List<String> more, String tags) throws IOException {
        List<String> flags = new ArrayList<>();
        flags.add("-Xmx" + Runtime.getRuntime().maxMemory());
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith("tenon.")) {
                flags.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        flags.add("-Dtenon.test.tier=" + tier);
        if (!tier.equals("plain")) {
            flags.addAll(List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
        }
        // Those that the build gives to leave machine code out.
        flags.add("-Dtenon.native=" + (tier.equals("assembled") ? "auto" : "off"));
        flags.addAll(more);
        String failures = folder.resolve("failures-" + Integer.toHexString(more.hashCode()) + ".jqwik")
                .toString();
        // The module's own tests: the class path of a later module holds some of ops, too.
        String own = System.getProperty("java.class.path").split(File.pathSeparator)[0];
        ChildJvm jvm = ChildJvm.start(folder, flags, PackageTests.class, "dev.tenon", tags, failures, own);
        return new ChildTests(jvm, List.copyOf(more));
    }

    /**
     * Runs the tests tagged "short" in a JVM with other flags, and reports how many ran.
     *
     * @param variant the JVM
     * @param folder its working directory
     * @param reporter gets the report
     * @throws IOException if it can't be started
     * @throws InterruptedException if this thread is interrupted
     */
    public static void passed(JvmVariant variant, Path folder, TestReporter reporter)
            throws IOException, InterruptedException {
        List<String> flags = new ArrayList<>(variant.flags());
        // The build's own tiers go through all cases. Flags of the JVM matter for some cases or for none.
        flags.add("-Dtenon.exhaustive=false");
        ChildTests tests = start(folder, variant.tier(), flags, variant.tags());
        reporter.publishEntry(variant.toString(), tests.passed());
    }

    /**
     * Waits for the end of all tests. Fails if one of them did, or if there was none.
     *
     * @return a line that says how many ran
     * @throws IOException if the output of the JVM can't be read
     * @throws InterruptedException if this thread is interrupted
     */
    public String passed() throws IOException, InterruptedException {
        int status = jvm.await(PATIENCE);
        String output = jvm.output();
        if (status != 0) {
            throw new AssertionError("tests with " + String.join(" ", flags) + ":\n" + output);
        }
        return output.strip().lines().toList().getLast();
    }

    /**
     * Ends the JVM, if it runs.
     *
     * @throws InterruptedException if this thread is interrupted
     */
    public void kill() throws InterruptedException {
        jvm.kill();
    }
}
