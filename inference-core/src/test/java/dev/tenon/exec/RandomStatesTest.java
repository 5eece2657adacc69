package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.exec.RandomGraphs.Sample;
import dev.tenon.exec.RandomGraphs.Stateful;
import dev.tenon.graph.Graph;
import dev.tenon.graph.interpret.Interpreter;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** States hold what the interpreter computes with ordinary tensors, whatever reads the old value and the new one. */
@Tag("tiers")
@Tag("costly")
class RandomStatesTest {
    private static final int CALLS = 3;

    private static void check(Stateful stateful) {
        Graph graph = stateful.sample().graph();
        Model model = Model.of(graph);
        for (boolean optimize : new boolean[] {false, true}) {
            for (int threads : new int[] {1, 2}) {
                SessionOptions options =
                        SessionOptions.standard().optimize(optimize).threads(threads);
                for (Map.Entry<String, String> state : stateful.states().entrySet()) {
                    options = options.state(state.getKey(), state.getValue());
                }
                check(stateful, model.session(options));
            }
        }
    }

    private static void check(Stateful stateful, Session session) {
        Sample sample = stateful.sample();
        SplittableRandom random = new SplittableRandom(sample.graph().nodes().size());
        for (int call = 0; call < CALLS; call++) {
            Map<String, Datum> inputs = new LinkedHashMap<>();
            List<Datum> ordinary = new ArrayList<>();
            for (int i = 0; i < sample.inputs().size(); i++) {
                Tensor value = Tensor.allocateNative(
                        ((Tensor) sample.inputs().get(i)).dtype(),
                        ((Tensor) sample.inputs().get(i)).dims());
                for (long e = 0; e < value.size(); e++) {
                    value.setLong(e, random.nextInt(-3, 4));
                }
                inputs.put(sample.graph().inputs().get(i).name(), value);
                ordinary.add(value.copy());
            }
            List<Datum> expected = Interpreter.run(sample.graph(), ordinary);
            Outputs found = session.predict(inputs);
            for (int o = 0; o < expected.size(); o++) {
                String name = sample.graph().outputNames().get(o);
                assertThat(same(found.tensor(name), (Tensor) expected.get(o)))
                        .as("%s is %s instead of %s%n%s", name, found.tensor(name), expected.get(o), sample.graph())
                        .isTrue();
            }
            stateful.states().forEach((in, out) -> assertThat(found.tensor(out)).isSameAs(inputs.get(in)));
        }
    }

    /** Whether tensors have equal numbers. The sign of a zero may depend on the order of a sum. */
    private static boolean same(Tensor a, Tensor b) {
        boolean same = a.dtype() == b.dtype() && a.shapeIs(b.dims());
        for (long i = 0; same && i < a.size(); i++) {
            same = a.getDouble(i) == b.getDouble(i);
        }
        return same;
    }

    @Property(tries = 30)
    void statesHoldTheResultsOfTheInterpreter(@ForAll long seed, @ForAll @IntRange(min = 1, max = 20) int nodes) {
        check(RandomGraphs.stateful(seed, nodes));
    }

    @Example
    void aLargeGraph() {
        check(RandomGraphs.stateful(1, 200));
    }
}
