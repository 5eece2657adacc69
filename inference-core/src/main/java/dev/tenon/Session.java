package dev.tenon;

import dev.tenon.exec.Engine;
import dev.tenon.exec.ExecutionContext;
import dev.tenon.exec.RunLimits;
import dev.tenon.exec.StepRecorder;
import dev.tenon.formats.Preparation;
import dev.tenon.graph.Graph;
import dev.tenon.graph.pass.Pipeline;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.graph.rewrite.Rule;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Capabilities;
import dev.tenon.plan.Plan;
import dev.tenon.plan.PlanText;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import dev.tenon.tune.Stopwatch;
import dev.tenon.tune.Tuner;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A model ready to predict: its graph optimised, its weights packed for this machine, its plans cached by input shape.
 *
 * <p>Safe for any number of threads, virtual ones too; calls do not wait for each other. There is nothing to close:
 * memory goes when the session is unreachable. The first call with a set of input shapes plans; {@link #warmUp} does so
 * beforehand. Calls in the first seconds of a process are slower than later ones, until the JVM has compiled what they need;
 * their results are the same to the bit.
 */
public final class Session {
    private static final String PREDICT = "Session.predict";
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private final Model model;
    private final SessionOptions options;
    private final Tuner tuner;
    private final Engine engine;
    private final InputCheck check;
    private final List<String> outputNames;
    private final OptionalInputSessions optional;

    Session(Model model, SessionOptions options) {
        this(model, options, tuner(options));
    }

    /**
     * A session with a tuner that others may have too.
     *
     * @param tuner what chooses the blocks of kernels, or null
     */
    Session(Model model, SessionOptions options, Tuner tuner) {
        this.model = model;
        this.options = options;
        this.tuner = tuner;
        this.check = new InputCheck(model.inputs());
        this.optional = new OptionalInputSessions(model, options, tuner);
        List<String> names = new ArrayList<>();
        for (ValueInfo output : model.outputs()) {
            names.add(output.name());
        }
        this.outputNames = List.copyOf(names);
        this.engine = Guard.run("session", () -> {
            Preparation prepared = model.preparation();
            return prepared == null ? optimised() : prepared(prepared);
        });
    }

    private Engine optimised() {
        Pipeline pipeline = pipeline();
        Graph settled = pipeline.simplify(model.graph(), RewriteTrace.none());
        return engine(settled, program(pipeline.lower(settled, RewriteTrace.none())), () -> pipeline);
    }

    /** What was saved is optimised already: rules are there for branches that shapes decide, and not made before. */
    private Engine prepared(Preparation prepared) {
        Engine made = engine(model.graph(), program(prepared), this::pipeline);
        SavedModels.plan(prepared, model.graph(), made);
        return made;
    }

    private Engine engine(Graph settled, Program program, Supplier<Pipeline> pipeline) {
        RunLimits limits = new RunLimits(
                options.maxTensorBytes(), nanos(options.timeLimit()), options.maxRounds(), options.planCacheBytes());
        return new Engine(settled, program, pipeline, limits, options.threads(), tuner);
    }

    private Program program(Graph graph) {
        return new Program(graph, model.kernels(), capabilities(options));
    }

    private Program program(Preparation prepared) {
        SavedModels.check(prepared, options);
        return new Program(model.graph(), model.kernels(), capabilities(options), prepared);
    }

    private static Tuner tuner(SessionOptions options) {
        return options.tuning() == null
                ? null
                : new Tuner(options.tuning(), capabilities(options), Engine.workers(options.threads()), Stopwatch.REAL);
    }

    private Pipeline pipeline() {
        if (!options.optimize()) {
            return new Pipeline(List.of());
        }
        RuleSet rules = StandardRules.paying(model.kernels()::has);
        if (options.numerics() == NumericsMode.STRICT) {
            return Pipeline.standard(rules.where(Rule::exact));
        }
        Pipeline standard = Pipeline.standard(rules);
        return capabilities(options).vector() ? standard.withLayouts() : standard;
    }

    private static Capabilities capabilities(SessionOptions options) {
        Capabilities machine = Tenon.tiers().capabilities();
        return options.numerics() == NumericsMode.STRICT ? machine.strict() : machine;
    }

    private static long nanos(Duration limit) {
        return limit == null || limit.compareTo(LONGEST) > 0 ? Long.MAX_VALUE : limit.toNanos();
    }

    /**
     * The model.
     *
     * @return what this session runs
     */
    public Model model() {
        return model;
    }

    /**
     * The options.
     *
     * @return how this session runs
     */
    public SessionOptions options() {
        return options;
    }

    /**
     * Predicts.
     *
     * @param inputs a value for each input of the model, by name; they are only read, and may be reused afterwards
     * @return all outputs, which belong to the caller
     * @throws InvalidInputException if an input is missing, unknown, or of another type or shape than the model takes
     * @throws dev.tenon.error.TenonException if an operator does not take its operands, a limit is reached, or the
     *     thread is interrupted
     */
    public Outputs predict(Map<String, ? extends Datum> inputs) {
        Session other = optional.forCall(inputs);
        if (other != null) {
            return other.predict(inputs);
        }
        return run(inputs, null);
    }

    /**
     * Predicts into tensors of the caller. After the first calls with a set of shapes this allocates nothing. Tensors made
     * by {@link Tensor#allocateNative}, and others in native memory aligned to 64 bytes that any thread may use, are read
     * and written where they lie wherever that can be; all others are copied.
     *
     * @param inputs a value for each input of the model, by name; only read where they are no outputs
     * @param outputs a tensor for each output that is wanted, by name, of the very type and shape that the output has
     *     for these inputs. It may be an input too, and is then written in place by an operator that can, so that
     *     TensorScatter appends to a cache without copying it; apart from that it must not share memory with an input
     * @throws InvalidInputException if an input or output does not fit the model; nothing is written then, unless an
     *     output does not fit of which only the run tells the shape
     * @throws dev.tenon.error.TenonException if an operator does not take its operands, a limit is reached, or the
     *     thread is interrupted; the outputs, inputs among them, may then be partly written
     */
    public void predict(Map<String, ? extends Datum> inputs, Map<String, Tensor> outputs) {
        Session other = optional.forCall(inputs);
        if (other != null) {
            other.predict(inputs, outputs);
            return;
        }
        ExecutionContext context = engine.acquire();
        try {
            check.fill(inputs, context.inputs());
            fillOutputs(outputs, context.outputs());
            context.wantOnlyGivenOutputs();
            engine.run(context);
        } catch (OutOfMemoryError | StackOverflowError | InternalError e) {
            throw Guard.typed(PREDICT, e);
        } finally {
            engine.release(context);
        }
    }

    private void fillOutputs(Map<String, Tensor> outputs, Datum[] places) {
        int found = 0;
        for (int i = 0; i < places.length; i++) {
            Tensor t = outputs.get(outputNames.get(i));
            if (t != null) {
                places[i] = t;
                found++;
            }
        }
        if (found < outputs.size()) {
            for (String name : outputs.keySet()) {
                if (!outputNames.contains(name)) {
                    throw new InvalidInputException(
                            "output '" + name + "'", "no such output", String.join(", ", outputNames), null);
                }
            }
        }
    }

    /**
     * Prepares a call with tensors that stay the same objects: before each run the caller writes new values into the
     * inputs, after it reads the outputs.
     *
     * @param inputs a tensor for each input of the model, by name
     * @return the call, for one thread at a time
     * @throws InvalidInputException if an input does not fit the model
     */
    public PreparedCall prepare(Map<String, Tensor> inputs) {
        return new PreparedCall(this, inputs);
    }

    /**
     * Plans, packs, and runs for the given shapes with zeros as inputs until the JIT compiler has had its chance, so
     * that the first real call is as fast as the later ones.
     *
     * @param shapes for each set of shapes the dimensions of every tensor input, in the order of the model's inputs
     * @return this session
     * @throws InvalidInputException if shapes do not fit the model
     */
    public Session warmUp(long[][]... shapes) {
        for (long[][] set : shapes) {
            WarmUp.run(this, set);
        }
        return this;
    }

    /**
     * The graph that this session runs.
     *
     * @return the model's graph, optimised
     */
    public Graph graph() {
        return engine.program().graph();
    }

    /**
     * How the graph was optimised. That is told by doing it once more, since a session that nobody asks keeps no record:
     * it takes about as long as making the session did.
     *
     * @return which rewrites fired, of rules and of passes, and which nearly did with the reason why not; nothing if the
     *     session does not optimise, or was made of a package
     */
    public RewriteTrace rewrites() {
        RewriteTrace trace = new RewriteTrace();
        if (model.preparation() == null) {
            Guard.run("rewrites", () -> pipeline().apply(model.graph(), trace));
        }
        return trace;
    }

    /**
     * What planning a call with the given inputs saves of steps and memory: results that are known while planning, those
     * that are views of other ones, operands of a Concat that are computed in their place in it, and results that are
     * written over an operand.
     *
     * @param inputs as for {@link #predict(Map)}
     * @return what was saved, as {@code known-result}, {@code view}, {@code joined} and {@code in-place}, and what nearly
     *     was with the reason why not
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public RewriteTrace savings(Map<String, ? extends Datum> inputs) {
        Session other = optional.forCall(inputs);
        if (other != null) {
            return other.savings(inputs);
        }
        Plan plan = look("savings", inputs);
        return Guard.run("savings", () -> Planner.trace(plan));
    }

    /**
     * The steps that a call with the given inputs would run; with {@link SessionOptions#tuning}, as far as that is known
     * without measuring. Bodies of control operators are not planned before they run: {@link #profile} tells their steps.
     *
     * @param inputs as for {@link #predict(Map)}
     * @return the steps in order
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public List<StepInfo> steps(Map<String, ? extends Datum> inputs) {
        Session other = optional.forCall(inputs);
        return other != null
                ? other.steps(inputs)
                : StepInfo.of(look("steps", inputs).steps());
    }

    /**
     * The types of all values of {@link #graph} in a call with the given inputs.
     *
     * @param inputs as for {@link #predict(Map)}, without inputs that have a value in the file
     * @return the types by the values' names; dimensions of which only the run tells are symbolic
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public Map<String, ValueType> types(Map<String, ? extends Datum> inputs) {
        Datum[] values = new Datum[model.inputs().size()];
        check.fill(inputs, values);
        Map<String, ValueType> types = new LinkedHashMap<>();
        Guard.run("types", () -> Planner.types(engine.program(), ShapeKey.of(values)))
                .forEach((value, type) -> types.put(value.name(), type));
        return types;
    }

    /**
     * Measures how long the steps of a call take. The calls are made on the calling thread, one after the other, after
     * as many that are not measured; {@link #warmUp} beforehand brings them to the speed of a session that has run for a
     * while. Calls that are not profiled are not slowed down.
     *
     * @param inputs as for {@link #predict(Map)}
     * @param calls how many calls are measured, at least 1
     * @return how long each step took
     * @throws InvalidInputException if the inputs do not fit the model
     * @throws dev.tenon.error.TenonException as {@link #predict(Map)}
     */
    public Profile profile(Map<String, ? extends Datum> inputs, int calls) {
        if (calls < 1) {
            throw new InvalidInputException("Session.profile", calls + " calls", "1 or more", null);
        }
        Session other = optional.forCall(inputs);
        if (other != null) {
            return other.profile(inputs, calls);
        }
        StepRecorder recorder = new StepRecorder();
        for (int i = 0; i < calls; i++) {
            run(inputs, recorder);
        }
        recorder.clear();
        long[] nanos = new long[calls];
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            run(inputs, recorder);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return Profile.of(nanos, recorder);
    }

    private Outputs run(Map<String, ? extends Datum> inputs, StepRecorder recorder) {
        ExecutionContext context = engine.acquire();
        try {
            check.fill(inputs, context.inputs());
            context.record(recorder);
            engine.run(context);
            return new Outputs(outputNames, List.of(context.outputs().clone()));
        } catch (OutOfMemoryError | StackOverflowError | InternalError e) {
            throw Guard.typed(PREDICT, e);
        } finally {
            engine.release(context);
        }
    }

    private Plan look(String what, Map<String, ? extends Datum> inputs) {
        Datum[] values = new Datum[model.inputs().size()];
        check.fill(inputs, values);
        return Guard.run(what, () -> engine.plans().look(values));
    }

    /** Plans for the shapes of some inputs, unless that is done. */
    void plan(Map<String, Tensor> inputs) {
        Datum[] values = new Datum[model.inputs().size()];
        check.fill(inputs, values);
        Guard.run("warmUp", () -> engine.plans().of(values));
    }

    /**
     * What a call with the given inputs would run, of which nothing is measured for that: one line a step with its kernel,
     * its arithmetic, the memory that it moves and the shapes, the totals, and what planning saved.
     *
     * @param inputs as for {@link #predict(Map)}
     * @return several lines of text
     * @throws InvalidInputException if the inputs do not fit the model
     */
    public String explain(Map<String, ? extends Datum> inputs) {
        Session other = optional.forCall(inputs);
        if (other != null) {
            return other.explain(inputs);
        }
        Plan plan = look("explain", inputs);
        return PlanText.print(plan) + ExplainText.print("%s", Guard.run("explain", () -> Planner.trace(plan)));
    }

    /**
     * What the model is and how its graph was optimised: the number of nodes before and after, inputs, outputs,
     * parameters, which rewrites of rules and passes fired and how often, and which nearly did with the reason why not.
     *
     * @return several lines of text
     */
    public String explain() {
        return ExplainText.print(model, graph(), rewrites());
    }

    /**
     * Writes what this session runs, in the format that the name of the file tells.
     *
     * <p>{@code .tenon}: a package, from which {@link Model#load(Path)} is ready to predict at once: nothing is optimised
     * any more, weights are packed already, and the input shapes that this session has planned for are planned for when a
     * session is made. It holds the weights twice, as they were read and as this machine's kernels want them. On a
     * machine whose kernels want other layouts, weights are packed anew. A package is for the version of Tenon that wrote
     * it: another one reads it or refuses it. Options of the session are not part of it, but what {@link NumericsMode}
     * allowed has been done.
     *
     * <p>{@code .onnx}: the optimised graph with the operators of the standard, and of its widely used extension, for
     * every runtime that has them.
     *
     * @param path the file, made or replaced when all is written; it may be the one that the model is mapped from
     * @throws dev.tenon.formats.ModelFileException if it can't be written or the name ends otherwise
     * @throws dev.tenon.formats.UnsupportedModelException if the graph holds what ONNX can't express
     */
    public void save(Path path) {
        save(path, 0);
    }

    /**
     * Writes what this session runs as {@link #save(Path)} does, as ONNX for an operator set that other runtimes know.
     *
     * @param path the file, made or replaced when all is written; it may be the one that the model is mapped from
     * @param operatorSet the version of the main operator set, or 0 for one that runtimes in use read, or the newest if
     *     that does not hold the graph; 0 is all that a package takes
     * @throws dev.tenon.formats.ModelFileException if it can't be written or the name ends otherwise
     * @throws dev.tenon.formats.UnsupportedModelException if the graph holds what ONNX or the version can't express
     */
    public void save(Path path, int operatorSet) {
        SavedModels.write(path, operatorSet, model.metadata(), engine, options);
    }

    @Override
    public String toString() {
        return "Session of " + model;
    }
}
