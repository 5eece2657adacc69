package dev.tenon.samples.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.error.TenonException;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.pass.HalfWidening;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.op.Numerics;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Runs the conformance corpus with and without optimisation. Results of a model must agree within the sum of the bounds
 * of its operators, relative to the largest number of the result, unless layer normalisation enlarges errors. A model that does not run without optimisation must
 * not run with it. Random results are not compared. Where optimisation changes nothing, both sessions run one graph, and
 * there is nothing to compare.
 *
 * <p>Optimisation computes in float32 what a model computes in 16 bits. Such a model is compared in two steps: its graph after
 * {@link HalfWidening} alone with the optimised one, within the bounds of its operators; and before that pass with after it,
 * where each operator may round once to 16 bits.
 */
@Tag("tiers")
@Tag("costly")
class OptimizedCorpusTest {
    /** The distance of neighbouring numbers of float16, in that of numbers of float32. */
    private static final double FLOAT16_ULP = 1 << 13;

    /** The networks of {@code light-seeded} once more, with weights that are all alike: ConformanceTest runs them. */
    private static final String SAME_NETWORKS = "light";

    @Test
    void theCorpusGivesTheSameOptimisedAndNot(TestReporter reporter) throws IOException {
        Path corpus = TestData.corpus();
        AtomicInteger compared = new AtomicInteger();
        AtomicInteger unchanged = new AtomicInteger();
        Set<String> unreadable = ConcurrentHashMap.newKeySet();
        List<String> differences;
        List<Path> folders = ConformanceTest.folders(corpus, reporter).stream()
                .filter(folder -> Exhaustive.isOn() || !folder.endsWith(SAME_NETWORKS))
                .toList();
        List<BackendTest> all = VerifyCommand.tests(folders);
        try (Stream<BackendTest> tests = all.parallelStream()) {
            differences = tests.filter(test -> !isUnreadable(test, unreadable))
                    .map(test -> difference(test, compared, unchanged))
                    .filter(why -> !why.isEmpty())
                    .toList();
        }
        reporter.publishEntry(
                "corpus",
                compared + " results compared, " + differences.size() + " differ; " + unchanged
                        + " models are not changed by optimisation");
        assertThat(differences).isEmpty();
        assertThat(failing(ConformanceTest.expected(corpus)))
                .as("tests that are known to fail")
                .containsAll(unreadable);
        // Of ONNX's own tests, which have one operator each, optimisation changes fewer.
        int least = all.size() > 3000 ? 1000 : all.size() / 4;
        assertThat(compared.get()).as("results compared").isGreaterThan(least);
        assertThat(compared.get() + unchanged.get()).as("results and models").isGreaterThan(all.size() * 9 / 10);
    }

    /** Whether an input of a test is of another type than its model says. Adds the name of such a test. */
    private static boolean isUnreadable(BackendTest test, Set<String> unreadable) {
        Model model = model(test);
        if (model == null) {
            return false;
        }
        try {
            for (Path set : test.sets()) {
                BackendTest.inputs(model, set);
            }
            return false;
        } catch (MalformedModelException e) {
            unreadable.add(test.name());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> failing(Path expected) throws IOException {
        try (Stream<String> lines = Files.lines(expected)) {
            return lines.map(line -> line.split(" ", 2)[0]).toList();
        }
    }

    /** Describes the difference between the two runs of a test; empty if they agree. */
    private static String difference(BackendTest test, AtomicInteger compared, AtomicInteger unchanged) {
        try {
            Model model = model(test);
            Session read = model == null ? null : session(model, false);
            Session plain = read == null ? null : widened(read);
            Session optimised = model == null ? null : session(model, true);
            if (plain == null || optimised == null) {
                return plain == null && optimised == null ? "" : test.name() + ": one of two sessions is refused";
            }
            if (plain.inspect().graph() == optimised.inspect().graph()) {
                unchanged.incrementAndGet();
                return "";
            }
            Numerics bound = bound(plain.model().graph());
            String rounding = plain == read ? "" : roundingDifference(test, read, plain);
            if (!rounding.isEmpty()) {
                return rounding;
            }
            for (Path set : test.sets()) {
                Map<String, Datum> inputs = BackendTest.inputs(plain.model(), set);
                RandomValues random = RandomValues.of(plain.model().graph(), inputs);
                Outputs expected = predict(plain, inputs);
                Outputs found = predict(optimised, inputs);
                if (expected == null || found == null) {
                    if (expected != null || found != null) {
                        return test.name() + ": one of two calls fails";
                    }
                    continue;
                }
                List<ValueInfo> results = plain.model().outputs();
                for (int i = 0; i < results.size(); i++) {
                    if (!random.contains(plain.model().graph().outputs().get(i))) {
                        String name = results.get(i).name();
                        Datum e = expected.get(name);
                        check(test.name() + ", " + name, found.get(name), e, bound, plain.model(), inputs);
                        compared.incrementAndGet();
                    }
                }
            }
            return "";
        } catch (AssertionError | IOException e) {
            return e.getMessage();
        }
    }

    /** The same session, but with numbers of 16 bits computed in float32. */
    private static Session widened(Session plain) {
        Model model = plain.model();
        Graph wide = new HalfWidening().apply(model.graph(), RewriteTrace.none());
        return wide == model.graph()
                ? plain
                : model.withGraph(wide).session(SessionOptions.standard().optimize(false));
    }

    /** Describes where a model that computes in 16 bits differs from one that does it in float32 by more than roundings. */
    private static String roundingDifference(BackendTest test, Session narrow, Session wide) throws IOException {
        Model model = narrow.model();
        Numerics own = bound(model.graph());
        int roundings = model.graph().nodes().size();
        for (Path set : test.sets()) {
            Map<String, Datum> inputs = BackendTest.inputs(model, set);
            RandomValues random = RandomValues.of(model.graph(), inputs);
            Outputs expected = predict(narrow, inputs);
            Outputs found = predict(wide, inputs);
            if (expected == null || found == null) {
                if (expected != null || found != null) {
                    return test.name() + ": one of two calls in 16 bits and 32 bits fails";
                }
                continue;
            }
            for (int i = 0; i < model.outputs().size(); i++) {
                if (!random.contains(model.graph().outputs().get(i))) {
                    String name = model.outputs().get(i).name();
                    Datum e = expected.get(name);
                    double unit = e instanceof Tensor t && t.dtype() == DType.FLOAT32 ? FLOAT16_ULP : 1;
                    Numerics bound = new Numerics(
                            (own.ulps() + roundings) * unit, (own.terms() + roundings) * unit, own.floor());
                    check(test.name() + " in 32 bits, " + name, found.get(name), e, bound, model, inputs);
                }
            }
        }
        return "";
    }

    /** Where results differ by more than the bound, the factor of {@link Cancellation} must explain it. */
    private static void check(
            String name, Datum found, Datum expected, Numerics bound, Model model, Map<String, Datum> inputs) {
        try {
            Closeness.check(name, found, expected, largest(expected), bound);
        } catch (AssertionError e) {
            double factor = Cancellation.factor(model.graph(), inputs);
            Numerics enlarged = new Numerics(bound.ulps() * factor, bound.terms() * factor, bound.floor());
            Closeness.check(name + ", rows normalised by 1/" + factor, found, expected, largest(expected), enlarged);
        }
    }

    private static Model model(BackendTest test) {
        try {
            return test.model();
        } catch (TenonException e) {
            return null;
        }
    }

    private static Session session(Model model, boolean optimise) {
        try {
            return model.session(SessionOptions.standard().optimize(optimise));
        } catch (TenonException e) {
            return null;
        }
    }

    private static Outputs predict(Session session, Map<String, Datum> inputs) {
        try {
            return session.predict(inputs);
        } catch (TenonException e) {
            return null;
        }
    }

    /** The sum of the bounds of all operators of a graph and its bodies, as ulps and relative to the largest number. */
    private static Numerics bound(Graph graph) {
        double ulps = 0;
        double terms = 0;
        double floor = 0;
        for (Node node : graph.nodes()) {
            List<Numerics> own = new ArrayList<>(List.of(node.op().numerics()));
            if (node.op() instanceof GraphOp control) {
                control.bodies().forEach(body -> own.add(bound(body)));
            }
            for (Numerics n : own) {
                ulps += n.ulps();
                terms += n.ulps() + n.terms();
                floor = Math.max(floor, n.floor());
            }
        }
        return new Numerics(ulps, terms, floor);
    }

    /** A tensor of the same shape, filled with the largest finite magnitude of a tensor; null for other data. */
    private static Tensor largest(Datum datum) {
        if (!(datum instanceof Tensor t) || !t.dtype().isFloating()) {
            return null;
        }
        double most = 0;
        for (long i = 0; i < t.size(); i++) {
            double v = Math.abs(t.getDouble(i));
            most = Double.isFinite(v) ? Math.max(most, v) : most;
        }
        Tensor all = Tensor.allocate(t.dtype(), t.dims());
        for (long i = 0; i < t.size(); i++) {
            all.setDouble(i, most);
        }
        return all;
    }
}
