package dev.tenon;

import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.exec.StepRecorder;
import dev.tenon.formats.AtomicFile;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.GraphMapping;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.plan.Plan;
import dev.tenon.plan.PlanText;
import dev.tenon.plan.Planner;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;

/**
 * Shows what a session does: the graph that it runs, how this graph was optimised, the steps of a call, and how long
 * they take. Made by {@link Session#inspect}. Safe for any number of threads; inspecting does not slow down calls of
 * the session.
 *
 * <pre>{@code
 * System.out.println(session.inspect().explain(inputs));
 * System.out.println(session.inspect().profile(inputs, 20).print());
 * }</pre>
 */
public final class Inspection {
    private static final Duration FOREVER = Duration.ofDays(10_000);

    private final Session session;

    Inspection(Session session) {
        this.session = session;
    }

    /**
     * The graph that the session runs.
     *
     * @return the model's graph, optimised
     */
    public Graph graph() {
        return session.executor().program().graph();
    }

    /**
     * How the graph was optimised. The session keeps no record of it: the graph is optimised once more, which takes
     * about as long as making the session did.
     *
     * @return which rewrites of rules and passes fired, and which nearly fired with the reason why they did not; empty
     *     if the session does not optimise, or the model was loaded from a package
     */
    public RewriteTrace rewrites() {
        RewriteTrace trace = new RewriteTrace();
        Model model = session.model();
        if (model.preparation() == null) {
            JvmErrors.typed("rewrites", () -> session.compiler().optimize(model.graph(), trace));
        }
        return trace;
    }

    /**
     * The way from values of the model's graph to values of the optimised graph. The graph is optimised once more for
     * it, as for {@link #rewrites}. {@link GraphMapping#current} has the same nodes and names as {@link #graph}, but is
     * another object.
     *
     * @return the mapping. It maps each value to itself if the session does not optimise, or the model was loaded from
     *     a package
     */
    public GraphMapping mapping() {
        Model model = session.model();
        GraphMapping mapping = new GraphMapping(model.graph());
        if (model.preparation() == null) {
            RewriteTrace following = RewriteTrace.following(mapping);
            JvmErrors.typed("mapping", () -> session.compiler().optimize(model.graph(), following));
        }
        return mapping;
    }

    /**
     * The steps and the memory that planning saves for a call. Five kinds are saved:
     *
     * <ul>
     *   <li>{@code known-result}: a result that follows from the shapes, and is computed while planning;
     *   <li>{@code view}: a result that is a part of another value;
     *   <li>{@code joined}: operands of a Concat that are computed in their place in the result;
     *   <li>{@code in-place}: a result that is written over an operand;
     *   <li>{@code state}: a result that is written into the memory of its {@linkplain SessionOptions#state state}. Where it
     *       nearly is, a step copies it there.
     * </ul>
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @return what was saved, and what nearly was with the reason why it was not
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public RewriteTrace savings(Map<String, ? extends Datum> inputs) {
        Plan plan = plan("savings", inputs);
        return JvmErrors.typed("savings", () -> Planner.trace(plan));
    }

    /**
     * The steps that a call with the given inputs runs. With {@link SessionOptions#tuning}, block sizes that are not
     * measured yet are not measured for this. Bodies of control operators are planned when they run; {@link #profile}
     * shows their steps.
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @return the steps in order
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public List<StepInfo> steps(Map<String, ? extends Datum> inputs) {
        return StepInfo.of(plan("steps", inputs));
    }

    /**
     * The memory of a call with the given inputs: which value is where, and from which step to which.
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @return the ranges of the memory; values whose shapes are only known during the call have none
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public List<BufferInfo> buffers(Map<String, ? extends Datum> inputs) {
        return BufferInfo.of(plan("buffers", inputs));
    }

    /**
     * The types of all values of {@link #graph} in a call with the given inputs.
     *
     * @param inputs as for {@link Session#predict(Map)}, without optional inputs of the model
     * @return the types by the values' names; dimensions that are only known during the call are symbolic
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public Map<String, ValueType> types(Map<String, ? extends Datum> inputs) {
        ShapeKey key = ShapeKey.of(session.checked(inputs));
        Map<String, ValueType> types = new LinkedHashMap<>();
        JvmErrors.typed("types", () -> Planner.types(session.executor().program(), key))
                .forEach((value, type) -> types.put(value.name(), type));
        return types;
    }

    /**
     * Measures how long the steps of a call take. The calls run on the calling thread, one after the other. As many
     * calls are made before them that are not measured. Call {@link Session#warmUp} first to measure the speed of a
     * session that has run for a while. States are copied once, and the calls change the copies.
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @param calls how many calls are measured, at least 1
     * @return how long each step took
     * @throws InvalidOptionException if the number of calls is less than 1
     * @throws InvalidInputException if the inputs do not fit the model
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Profile profile(Map<String, ? extends Datum> inputs, int calls) {
        return profile(inputs, calls, FOREVER, done -> {});
    }

    /**
     * Measures how long the steps of a call take, as {@link #profile(Map, int)} does, but for a limited time. The calls before those
     * that are measured end when a third of the time is over, and the others when all of it is, each after one call at least: so
     * a model whose calls take longer than the time is called twice.
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @param calls how many calls are measured at most, at least 1
     * @param most the time after which no call begins
     * @param progress receives the share of the calls or of the time that is over, in (0, 1], after each call; it may end the
     *     work with an exception
     * @return how long each step took
     * @throws InvalidOptionException if the number of calls is less than 1
     * @throws InvalidInputException if the inputs do not fit the model
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Profile profile(Map<String, ? extends Datum> inputs, int calls, Duration most, DoubleConsumer progress) {
        if (calls < 1) {
            throw new InvalidOptionException("Inspection.profile", calls + " calls", "1 or more", null);
        }
        Session runner = session.forInputs(inputs);
        Map<String, Datum> values = States.copied(runner, inputs);
        StepRecorder recorder = new StepRecorder();
        long start = System.nanoTime();
        double limit = Math.max(1, most.compareTo(FOREVER) < 0 ? most.toNanos() : FOREVER.toNanos());
        int warm = 0;
        do {
            runner.run(values, recorder, null);
            warm++;
            progress.accept(Math.min(1, Math.max(0.5 * warm / calls, (System.nanoTime() - start) / limit)));
        } while (warm < calls && System.nanoTime() - start < limit / 3);
        recorder.clear();
        long[] nanos = new long[calls];
        int done = 0;
        do {
            long begin = System.nanoTime();
            runner.run(values, recorder, null);
            long end = System.nanoTime();
            recorder.call(begin, end);
            nanos[done++] = end - begin;
            progress.accept(Math.min(1, Math.max(0.5 + 0.5 * done / calls, (end - start) / limit)));
        } while (done < calls && System.nanoTime() - start < limit);
        nanos = Arrays.copyOf(nanos, done);
        Arrays.sort(nanos);
        return Profile.of(nanos, recorder);
    }

    /**
     * Writes a page that shows the graph before and after optimisation, without the steps of a call, whose shapes are not known.
     * The page is one file that needs no network. It appears when it is complete.
     *
     * @param file the file, made or replaced
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     */
    public void writeHtml(Path file) {
        AtomicFile.writeText(file, new InspectionPage(session, null, null).html());
    }

    /**
     * Writes a page that shows the graph before and after optimisation, the steps of a call with their kernels, and its memory.
     *
     * @param file the file, made or replaced
     * @param inputs as for {@link Session#predict(Map)}
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public void writeHtml(Path file, Map<String, ? extends Datum> inputs) {
        AtomicFile.writeText(file, new InspectionPage(session.forInputs(inputs), inputs, null).html());
    }

    /**
     * Writes a page as {@link #writeHtml(Path, Map)} does, with the time of each step.
     *
     * @param file the file, made or replaced
     * @param inputs as for {@link Session#predict(Map)}
     * @param profile what {@link #profile(Map, int)} has measured with these inputs
     * @throws dev.tenon.formats.ModelFileException if it can't be written
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public void writeHtml(Path file, Map<String, ? extends Datum> inputs, Profile profile) {
        AtomicFile.writeText(file, new InspectionPage(session.forInputs(inputs), inputs, profile).html());
    }

    /**
     * Describes the steps that a call with the given inputs runs, without measuring anything. Each step has a line with
     * its kernel, its arithmetic, the memory that it moves, and its shapes. Lines with the totals and with
     * {@link #savings} follow.
     *
     * @param inputs as for {@link Session#predict(Map)}
     * @return several lines of text
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public String explain(Map<String, ? extends Datum> inputs) {
        Plan plan = plan("explain", inputs);
        return session.precisionNote()
                + PlanText.print(plan)
                + ExplainText.print("%s", JvmErrors.typed("explain", () -> Planner.trace(plan)));
    }

    /**
     * Describes the model and how its graph was optimised: the number of nodes before and after, inputs, outputs,
     * parameters, and {@link #rewrites}.
     *
     * @return several lines of text
     */
    public String explain() {
        return session.precisionNote() + ExplainText.print(session.model(), graph(), rewrites());
    }

    /**
     * How far the values of another session are from those of this one in a call: the power of a value over that of the difference
     * (signal to noise, Widrow and Kollár, Quantization Noise, 2008). So the noise of a quantised model is followed from node to node.
     * Values belong together by the names that they have in {@link Model#graph}. Both sessions keep all of these values for the call,
     * and do not fuse operators across them.
     *
     * @param other a session of a model of the same structure, or one of the same model with other options; the noise is its
     * @param inputs as for {@link Session#predict(Map)}, for both
     * @return decibels by the name of the value, in the order of the graph, of each output of a node that is a tensor of floats of the
     *     same shape in both: infinite without a difference, negative without a bound where there is no signal, and NaN if the value or
     *     the difference is no number
     * @throws InvalidOptionException if no output of a node has the same name in both models
     * @throws dev.tenon.error.TenonException as {@link Session#predict(Map)}
     */
    public Map<String, Double> signalToNoise(Session other, Map<String, ? extends Datum> inputs) {
        Set<String> names = outputs(session.model().graph());
        names.retainAll(outputs(other.model().graph()));
        if (names.isEmpty()) {
            throw new InvalidOptionException(
                    "Inspection.signalToNoise",
                    "model '" + other.model().name() + "', no output of whose nodes has a name of model '"
                            + session.model().name() + "'",
                    "a model of the same structure",
                    null);
        }
        Map<String, Datum> signals = new LinkedHashMap<>();
        session.observe(List.copyOf(names), signals::put).predict(inputs);
        Map<String, Double> ratios = new HashMap<>();
        other.observe(List.copyOf(names), (name, found) -> {
                    if (signals.get(name) instanceof Tensor signal
                            && found instanceof Tensor t
                            && signal.dtype().isFloating()
                            && t.dtype().isFloating()
                            && t.shapeIs(signal.dims())) {
                        ratios.put(name, decibels(signal.toDoubleArray(), t.toDoubleArray()));
                    }
                })
                .predict(inputs);
        Map<String, Double> ordered = new LinkedHashMap<>();
        for (String name : signals.keySet()) {
            if (ratios.containsKey(name)) {
                ordered.put(name, ratios.get(name));
            }
        }
        return ordered;
    }

    private static Set<String> outputs(Graph graph) {
        return graph.nodes().stream()
                .flatMap(node -> node.outputs().stream())
                .filter(Objects::nonNull)
                .map(Value::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static double decibels(double[] signal, double[] found) {
        double power = 0;
        double noise = 0;
        for (int i = 0; i < signal.length; i++) {
            power += signal[i] * signal[i];
            noise += (signal[i] - found[i]) * (signal[i] - found[i]);
        }
        return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(power / noise);
    }

    private Plan plan(String purpose, Map<String, ? extends Datum> inputs) {
        Session runner = session.forInputs(inputs);
        Datum[] values = runner.checked(inputs);
        return JvmErrors.typed(purpose, () -> runner.executor().plans().peek(values));
    }
}
