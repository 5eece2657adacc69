package dev.tenon;

import dev.tenon.exec.StackRoom;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.Datum;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A session whose predictions report intermediate values to an observer. Made by {@link Session#observe}.
 *
 * <p>The observed values are additional outputs of the graph that is optimised, planned and run with kernels. They are
 * kept therefore: operators are not fused across them. Results differ from those of the plain session only by the
 * accuracy that the operators promise. The graph is optimised and the weights are packed for this at the first call,
 * which takes as long as making a session. The plain session is not affected.
 *
 * <p>Safe for any number of threads, if the observer is. Predictions in several threads call the observer at the same
 * time.
 */
public final class ObservedSession {
    private final List<String> names;
    private final ValueObserver observer;
    private final Supplier<Session> maker;
    private Session session;

    /**
     * An observed session that is not made yet.
     *
     * @param names the observed values, in the order of the graph
     * @param observer receives them
     * @param maker makes the session of the model that has these values as outputs, after its own
     */
    ObservedSession(Set<String> names, ValueObserver observer, Supplier<Session> maker) {
        this.names = List.copyOf(names);
        this.observer = observer;
        this.maker = maker;
    }

    /**
     * Predicts, and reports the observed values when the outputs are there: in the order of the graph, each once, on
     * the calling thread. A value is a copy and belongs to the observer, which may keep it. An exception of the
     * observer ends the prediction.
     *
     * @param inputs a value for each input of the model, by name
     * @return all outputs of the model, which belong to the caller
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}; nothing is reported then
     */
    public Outputs predict(Map<String, ? extends Datum> inputs) {
        try {
            return observed(session().predict(inputs));
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    private Outputs observed(Outputs found) {
        List<Map.Entry<String, Datum>> all = new ArrayList<>(found.entrySet());
        int own = all.size() - names.size();
        for (int i = 0; i < names.size(); i++) {
            observer.observe(names.get(i), all.get(own + i).getValue());
        }
        List<String> outputNames = new ArrayList<>();
        List<Datum> outputs = new ArrayList<>();
        for (Map.Entry<String, Datum> output : all.subList(0, own)) {
            outputNames.add(output.getKey());
            outputs.add(output.getValue());
        }
        return new Outputs(List.copyOf(outputNames), List.copyOf(outputs));
    }

    /**
     * The values of the optimised graph that hold the observed values. Their names may differ from those in the model's
     * graph.
     *
     * @return for each observed value, by its name in {@link Model#graph}, a value of the graph of {@link #inspect}
     */
    public Map<String, Value> values() {
        Graph graph = inspect().graph();
        int own = graph.outputs().size() - names.size();
        Map<String, Value> values = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            values.put(names.get(i), graph.outputs().get(own + i));
        }
        return values;
    }

    /**
     * Shows the graph that runs, in which the observed values are outputs after those of the model, and its steps.
     *
     * @return an inspection
     */
    public Inspection inspect() {
        return session().inspect();
    }

    private synchronized Session session() {
        if (session == null) {
            session = maker.get();
        }
        return session;
    }

    @Override
    public String toString() {
        return "Session that observes " + new LinkedHashSet<>(names);
    }
}
