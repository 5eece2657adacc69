package dev.tenon.differential;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Operators whose random models are compared with the peer. */
public abstract class Family {
    private static final int ROUNDS = Integer.getInteger("tenon.differential.rounds", 1);
    private static final boolean TRACE = Boolean.getBoolean("tenon.differential.trace");
    private static final String ONLY = System.getProperty("tenon.differential.only", "");

    /**
     * A generator for each operator by its name. An operator of another domain has the domain and a dot before its
     * name.
     */
    public abstract Map<String, Generator> generators();

    /** The operator of an entry. */
    public static String operator(String entry) {
        int end = entry.indexOf(Generators.COPY);
        return end < 0 ? entry : entry.substring(0, end);
    }

    /**
     * The models are the same in each build, so that a build does not fail by chance. More rounds have other models.
     */
    @Property(tries = 10, seed = "20260415", shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    public void agreesWithThePeer(@ForAll long seed) {
        Comparison comparison = new Comparison(new Peer());
        List<String> only = ONLY.isEmpty() ? List.of() : List.of(ONLY.split(","));
        List<String> differences = new ArrayList<>();
        List<Throwable> causes = new ArrayList<>();
        generators().forEach((name, generator) -> {
            if (!only.isEmpty() && !only.contains(operator(name))) {
                return;
            }
            for (int round = 0; round < ROUNDS; round++) {
                long own = seed + 31L * name.hashCode() + 0x9E3779B97F4A7C15L * round;
                OperatorModel model = generator.model(new Draw(own));
                if (TRACE) {
                    // Written directly, without the test framework, because the peer may end the process.
                    new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8)
                            .println(name + ", seed " + own + "\n" + model);
                }
                try {
                    comparison.check(model);
                } catch (AssertionError | RuntimeException e) {
                    causes.add(e);
                    if (TRACE) {
                        e.printStackTrace();
                    }
                    differences.add(name + ", seed " + own + ": " + e + "\n" + model);
                    return;
                }
            }
        });
        if (!differences.isEmpty()) {
            AssertionError all =
                    new AssertionError(differences.size() + " operators differ\n\n" + String.join("\n\n", differences));
            causes.forEach(all::addSuppressed);
            throw all;
        }
    }
}
