package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.exec.RandomGraphs.Sample;
import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("tiers")
@Tag("costly")
class RandomGraphTest {
    private static Map<String, Datum> named(Graph graph, List<Datum> values) {
        Map<String, Datum> named = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            named.put(graph.inputs().get(i).name(), values.get(i));
        }
        return named;
    }

    private static void check(Sample sample) {
        Graph graph = sample.graph();
        List<Datum> expected = Interpreter.run(graph, sample.inputs());
        Map<String, Datum> inputs = named(graph, sample.inputs());
        Model model = Model.of(graph);
        for (boolean optimize : new boolean[] {false, true}) {
            for (int threads = 1; threads <= 2; threads++) {
                Session session = model.session(
                        SessionOptions.standard().optimize(optimize).threads(threads));
                for (int repeat = 0; repeat < 2; repeat++) {
                    Outputs found = session.predict(inputs);
                    for (int i = 0; i < expected.size(); i++) {
                        Tensor y = found.tensor("out" + i);
                        assertThat(same(y, (Tensor) expected.get(i)))
                                .as(
                                        "output %d, optimize %s, %d threads: %s instead of %s%n%s%s",
                                        i,
                                        optimize,
                                        threads,
                                        y,
                                        expected.get(i),
                                        graph,
                                        session.inspect().explain(inputs))
                                .isTrue();
                    }
                }
            }
        }
    }

    /** Whether tensors have equal numbers. The sign of a zero may depend on the order of a sum. */
    private static boolean same(Tensor a, Tensor b) {
        if (a.dtype() != b.dtype() || !a.shapeIs(b.dims())) {
            return false;
        }
        for (long i = 0; i < a.size(); i++) {
            if (a.getDouble(i) != b.getDouble(i)) {
                return false;
            }
        }
        return true;
    }

    @Property(tries = 400)
    void sessionsGiveTheResultsOfTheInterpreter(@ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int nodes) {
        check(RandomGraphs.sample(seed, nodes));
    }

    @Example
    void aLargeGraph() {
        check(RandomGraphs.sample(1, 300));
    }
}
