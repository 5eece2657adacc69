package dev.tenon;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.error.InvalidInputException;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.exec.CallLimits;
import dev.tenon.exec.ExecutionContext;
import dev.tenon.exec.Executor;
import dev.tenon.exec.StackRoom;
import dev.tenon.exec.StepRecorder;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.Preparation;
import dev.tenon.graph.rewrite.RuleSet;
import dev.tenon.graph.rewrite.Target;
import dev.tenon.graph.rules.StandardRules;
import dev.tenon.kernel.Capabilities;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BFloat16MatMul;
import dev.tenon.op.fused.DynamicQuantizedMatMul;
import dev.tenon.plan.Compiler;
import dev.tenon.plan.Program;
import dev.tenon.plan.StatePairs;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tune.KernelTimer;
import dev.tenon.tune.Tuner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A model that is ready to predict: its graph is optimised, its weights are packed for this machine, and its plans are
 * cached by input shape.
 *
 * <p>A session is safe for any number of threads, virtual ones too; calls do not wait for each other. There is nothing
 * to close: memory is freed when the session is unreachable; {@link #release} gives it back at once. The first call with a
 * set of input shapes makes a plan;
 * {@link #warmUp} makes it beforehand. A thread whose stack has no room for a call gets a typed exception, and loses
 * nothing. Calls in the first seconds of a process are slower than later ones, until the
 * JVM has compiled the code that they use; their results have the same bits.
 */
public final class Session {
    private static final String PREDICT = "Session.predict";

    private final Model model;
    private final SessionOptions options;
    private final Tuner tuner;
    private final InputValidator validator;
    private final StatePairs states;
    private final List<String> outputNames;
    /** Sessions for calls that give some of the optional inputs. */
    private final SessionCache optional;
    /** Sessions of this model with more outputs. */
    private final SessionCache observed;

    /** Null after {@link #release}, until the next call. */
    private volatile Compiled compiled;

    /**
     * The model as it is compiled for the tiers of this process.
     *
     * @param retired how many tiers had been switched off
     */
    private record Compiled(Compiler compiler, Executor executor, int retired) {}

    Session(Model model, SessionOptions options) {
        this(model, options, tuner(options));
    }

    /**
     * A session with a tuner that it may share with others.
     *
     * @param tuner chooses the block sizes of kernels, or null
     */
    Session(Model model, SessionOptions options, Tuner tuner) {
        this.model = model;
        this.options = options;
        this.validator = new InputValidator(model.inputs());
        this.states = States.of(model, options.states());
        this.optional = new SessionCache(names -> new Session(model.given(names), options, tuner));
        this.observed = new SessionCache(names -> new Session(model.observed(names), options, tuner));
        List<String> names = new ArrayList<>();
        for (ValueInfo output : model.outputs()) {
            names.add(output.name());
        }
        this.outputNames = List.copyOf(names);
        this.tuner = tuner;
        this.compiled = compiled();
    }

    private Compiled compiled() {
        int retired = Tenon.retired();
        RuleSet precision = precisionRules();
        return JvmErrors.typed("session", () -> {
            Compiler compiler = new Compiler(model.kernels(), capabilities(options), optimization(options), precision);
            if (model.preparation() == null) {
                Ahead.ofSession(() -> compiler.prepare(model.graph()));
            }
            return new Compiled(compiler, executor(compiler), retired);
        });
    }

    /** The model as it is compiled for the tiers that are left. */
    private Compiled current() {
        Compiled known = compiled;
        return known != null && known.retired == Tenon.retired() ? known : compiledAgain();
    }

    private synchronized Compiled compiledAgain() {
        if (compiled == null || compiled.retired != Tenon.retired()) {
            compiled = compiled();
        }
        return compiled;
    }

    private Executor executor(Compiler compiler) {
        Preparation prepared = model.preparation();
        if (prepared != null) {
            SavedModels.check(prepared, options);
        }
        CallLimits limits = limits(options);
        // Each plan that is tuned has a budget of its own: no limit of time counts the measuring.
        boolean plansAfter = prepared != null && tuner != null;
        Executor made = WorkBudget.started(new Making(model), limits.preparation())
                .run(() -> {
                    Program stateless = prepared == null
                            ? compiler.compile(model.graph())
                            : compiler.compile(model.graph(), prepared);
                    Program program = stateless.with(states);
                    Executor executor = executor(compiler, program, limits);
                    return prepared == null || plansAfter ? executor : planned(prepared, executor);
                });
        return plansAfter ? planned(prepared, made) : made;
    }

    private Executor executor(Compiler compiler, Program program, CallLimits limits) {
        return new Executor(program, compiler, limits, options.threads(), tuner);
    }

    private static Executor planned(Preparation prepared, Executor executor) {
        SavedModels.plan(prepared, executor);
        return executor;
    }

    private static Tuner tuner(SessionOptions options) {
        Path file = options.tuning().orElse(null);
        return file == null
                ? null
                : new Tuner(file, capabilities(options), Executor.workers(options.threads()), KernelTimer.REAL);
    }

    private static Compiler.Optimization optimization(SessionOptions options) {
        if (!options.optimize()) {
            return Compiler.Optimization.NONE;
        }
        return options.numerics() == NumericsMode.STRICT ? Compiler.Optimization.EXACT : Compiler.Optimization.FULL;
    }

    /** The rules that change the precision of products; null if none are asked for, or if this machine gains nothing. */
    private RuleSet precisionRules() {
        Precision precision = options.precision();
        if (precision == Precision.FP32) {
            return null;
        }
        if (optimization(options) != Compiler.Optimization.FULL) {
            throw new InvalidOptionException(
                    "SessionOptions.precision",
                    precision + " with " + (options.optimize() ? "STRICT numerics" : "optimize(false)"),
                    "FP32, or optimize(true) and STANDARD numerics",
                    null);
        }
        if (reasonAgainst(precision) != null) {
            return null;
        }
        return (precision == Precision.INT8_DYNAMIC ? StandardRules.INT8_DYNAMIC : StandardRules.BF16).rules();
    }

    /** Why this machine gains nothing by a precision, or null. */
    private String reasonAgainst(Precision precision) {
        Op product = precision == Precision.INT8_DYNAMIC ? new DynamicQuantizedMatMul() : new BFloat16MatMul();
        return new Target(model.kernels(), capabilities(options)).reasonAgainst(product, List.of());
    }

    /** The precision that is used if another one than FP32 is asked for, as a line of text; empty for FP32. */
    String precisionNote() {
        Precision precision = options.precision();
        if (precision == Precision.FP32) {
            return "";
        }
        String reason = reasonAgainst(precision);
        return "precision " + precision + (reason == null ? "\n" : " is asked for, FP32 is used: " + reason + "\n");
    }

    private static Capabilities capabilities(SessionOptions options) {
        Capabilities machine = Tenon.tiers().capabilities();
        return options.numerics() == NumericsMode.STRICT ? machine.strict() : machine;
    }

    private static CallLimits limits(SessionOptions options) {
        String operations = "SessionOptions.maxOperations";
        String bytes = "SessionOptions.maxTensorBytes";
        return new CallLimits(
                options.maxTensorBytes(),
                WorkLimits.of(
                                options.timeLimit().orElse(null),
                                options.maxOperations(),
                                "SessionOptions.timeLimit",
                                operations)
                        .withObjects(options.maxTensorBytes(), bytes),
                WorkLimits.of(
                                options.preparationTime(),
                                options.maxOperations(),
                                "SessionOptions.preparationTime",
                                operations)
                        .withObjects(options.maxTensorBytes(), bytes),
                options.maxIterations(),
                options.planCacheBytes());
    }

    /** The making of a session, for messages. */
    private record Making(Model model) {
        @Override
        public String toString() {
            return "session of model '" + model.name() + "'";
        }
    }

    /**
     * The model.
     *
     * @return the model that this session runs
     */
    public Model model() {
        return model;
    }

    /**
     * The options.
     *
     * @return the options that this session was made with
     */
    public SessionOptions options() {
        return options;
    }

    Compiler compiler() {
        return current().compiler();
    }

    Executor executor() {
        return current().executor();
    }

    /**
     * Gives the native memory of this session back at once: packed weights, and the memory of calls. It is for those who
     * swap large models; nothing has to be called, since the garbage collector frees the memory of unreachable sessions. Calls
     * that run go on, and the last of them gives the memory back when it ends. The session stays usable: its next call
     * prepares it again. Memory of the model itself, and outputs, are not touched.
     *
     * <p>On Linux, with native access enabled, the pages are returned to the system before this returns. Elsewhere, and
     * for what {@code -XX:MaxDirectMemorySize} counts, this drops the memory for the next collection.
     */
    public void release() {
        Compiled known;
        synchronized (this) {
            known = compiled;
            compiled = null;
        }
        if (known != null) {
            known.executor().retire();
        }
        optional.forEach(Session::release);
        observed.forEach(Session::release);
    }

    /** A context of the executor of now. The memory of that executor stays until the context is released. */
    private ExecutionContext acquire() {
        ExecutionContext context = executor().acquire();
        while (context == null) {
            context = executor().acquire();
        }
        return context;
    }

    /** The session for a call: this one, or another if the call gives some of the optional inputs. */
    Session forInputs(Map<String, ?> inputs) {
        Objects.requireNonNull(inputs, "inputs");
        if (model.optionalInputs().isEmpty()) {
            return this;
        }
        Set<String> given = new LinkedHashSet<>();
        for (ValueInfo info : model.optionalInputs()) {
            if (inputs.containsKey(info.name())) {
                given.add(info.name());
            }
        }
        return given.isEmpty() ? this : optional.get(given);
    }

    /**
     * Predicts.
     *
     * @param inputs a value for each input of the model, by name; all but {@linkplain SessionOptions#state states} are only
     *     read, and may be reused afterwards
     * @return all outputs, which belong to the caller; that of a {@linkplain SessionOptions#state state} is the tensor of its
     *     input
     * @throws InvalidInputException if an input is missing, unknown, or of another type or shape than the model takes
     * @throws dev.tenon.error.TenonException if an operator does not take its operands, a limit is reached, or the
     *     thread is interrupted
     */
    public Outputs predict(Map<String, ? extends Datum> inputs) {
        try {
            return forInputs(inputs).run(inputs, null, null);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Predicts with a model that has one input.
     *
     * @param input its value; it is only read, and may be reused afterwards
     * @return all outputs, which belong to the caller
     * @throws InvalidInputException if the model has no input or several, or takes another type or shape
     * @throws dev.tenon.error.TenonException as {@link #predict(Map)}
     */
    public Outputs predict(Tensor input) {
        Objects.requireNonNull(input, "input");
        List<ValueInfo> inputs = model.inputs();
        if (inputs.size() != 1) {
            throw new InvalidInputException(
                    "one tensor as the input of a prediction",
                    "the model has " + (inputs.isEmpty() ? "no input" : inputs.size() + " inputs: " + inputs),
                    "a model of one input",
                    "call predict with a Map that has a value for each input");
        }
        return predict(Map.of(inputs.getFirst().name(), input));
    }

    /**
     * Predicts, unless a condition ends the call before. Planning for new input shapes is not ended.
     *
     * @param inputs as for {@link #predict(Map)}
     * @param stop is asked before each step, and now and then within a long one, by the threads that work on the call.
     *     It should take less than a microsecond. If it returns true, the call ends soon; if it throws, the call ends
     *     with this exception
     * @return all outputs, which belong to the caller
     * @throws InvalidInputException if an input is missing, unknown, or of another type or shape than the model takes
     * @throws dev.tenon.error.InterruptedPredictionException if the condition ended the call
     * @throws dev.tenon.error.TenonException as {@link #predict(Map)}
     */
    public Outputs predict(Map<String, ? extends Datum> inputs, BooleanSupplier stop) {
        try {
            Objects.requireNonNull(stop, "stop");
            return forInputs(inputs).run(inputs, null, stop);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    /**
     * Checks names, types and shapes of inputs, as every prediction does before it runs.
     *
     * @param inputs as for {@link #predict(Map)}
     * @throws InvalidInputException if an input is missing, unknown, or of another type or shape than the model takes
     */
    public void check(Map<String, ? extends Datum> inputs) {
        forInputs(inputs).checked(inputs);
    }

    /**
     * Predicts into tensors of the caller. After the first calls with a set of shapes this allocates nothing. Tensors
     * in native memory are read and written in place wherever possible, if the memory is aligned to 64 bytes and every
     * thread may use it, as that of {@link Tensor#allocateNative} is. All others are copied.
     *
     * @param inputs a value for each input of the model, by name; only read unless it is an output too
     * @param outputs a tensor for each output that is wanted, by name, with exactly the type and shape that the output
     *     has for these inputs. An output may be the same tensor as an input. An operator that can work in place then
     *     writes over the input: TensorScatter appends to a cache without copying it. An output must not share memory
     *     with an input in any other way
     * @throws InvalidInputException if an input or output does not fit the model. Nothing is written then, unless the
     *     shape of the output is only known after the run
     * @throws dev.tenon.error.TenonException if an operator does not take its operands, a limit is reached, or the
     *     thread is interrupted; the outputs, inputs among them, may then be partly written
     */
    public void predict(Map<String, ? extends Datum> inputs, Map<String, Tensor> outputs) {
        predictInto(inputs, outputs, null);
    }

    /**
     * Predicts into tensors of the caller, unless a condition ends the call before. Planning for new input shapes is not ended.
     *
     * @param inputs as for {@link #predict(Map, Map)}
     * @param outputs as for {@link #predict(Map, Map)}
     * @param stop as for {@link #predict(Map, BooleanSupplier)}
     * @throws dev.tenon.error.TenonException as {@link #predict(Map, Map)}, and as {@link #predict(Map, BooleanSupplier)}
     */
    public void predict(Map<String, ? extends Datum> inputs, Map<String, Tensor> outputs, BooleanSupplier stop) {
        predictInto(inputs, outputs, Objects.requireNonNull(stop, "stop"));
    }

    private void predictInto(Map<String, ? extends Datum> inputs, Map<String, Tensor> outputs, BooleanSupplier stop) {
        try {
            Objects.requireNonNull(outputs, "outputs");
            forInputs(inputs).runInto(inputs, outputs, stop);
        } catch (StackOverflowError e) {
            throw StackRoom.NONE;
        }
    }

    private void runInto(Map<String, ? extends Datum> inputs, Map<String, Tensor> outputs, BooleanSupplier stop) {
        try {
            ExecutionContext context = acquire();
            try {
                validator.fill(inputs, context.inputs());
                fillOutputs(outputs, context.outputs());
                context.wantOnlyGivenOutputs();
                context.stopWhen(stop);
                context.executor().run(context);
                ModelBytes.awaitErrors();
            } finally {
                context.release();
            }
        } catch (OutOfMemoryError | StackOverflowError | InternalError | LinkageError e) {
            throw JvmErrors.typed(PREDICT, e);
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
            Set<String> names = new HashSet<>(outputNames);
            for (String name : outputs.keySet()) {
                if (!names.contains(name)) {
                    throw new InvalidInputException(
                            "output '" + name + "'", "no such output", String.join(", ", outputNames), null);
                }
            }
            for (String name : outputs.keySet()) {
                if (outputs.get(name) == null) {
                    throw new InvalidInputException(
                            "output '" + name + "'", "null", "a tensor to write into", "leave out what is not wanted");
                }
            }
        }
    }

    /**
     * Runs a call that gives none of the optional inputs. The recorder is told how long steps take, the condition ends
     * the call; both may be null.
     */
    Outputs run(Map<String, ? extends Datum> inputs, StepRecorder recorder, BooleanSupplier stop) {
        try {
            ExecutionContext context = acquire();
            try {
                validator.fill(inputs, context.inputs());
                context.record(recorder);
                context.stopWhen(stop);
                context.executor().run(context);
                ModelBytes.awaitErrors();
                return new Outputs(outputNames, List.of(context.outputs().clone()));
            } finally {
                context.release();
            }
        } catch (OutOfMemoryError | StackOverflowError | InternalError | LinkageError e) {
            throw JvmErrors.typed(PREDICT, e);
        }
    }

    /** The checked inputs of a call in the order of the model. */
    Datum[] checked(Map<String, ? extends Datum> inputs) {
        Datum[] values = new Datum[model.inputs().size()];
        validator.fill(inputs, values);
        return values;
    }

    /**
     * Prepares a call that always uses the same tensor objects. Before each run the caller writes new values into the
     * inputs, after it the caller reads the outputs.
     *
     * @param inputs a tensor for each input of the model, by name
     * @return the call, for one thread at a time
     * @throws InvalidInputException if an input does not fit the model
     */
    public PreparedCall prepare(Map<String, Tensor> inputs) {
        return new PreparedCall(this, inputs);
    }

    /**
     * Makes the plans for the given shapes, and predicts with zeros as inputs until the JIT compiler has compiled the
     * code. The first real call is then as fast as later ones.
     *
     * <pre>{@code
     * session.warmUp(Map.of("input_ids", new long[] {1, 128}, "attention_mask", new long[] {1, 128}));
     * }</pre>
     *
     * @param shapes sets of shapes: each has the dimensions of every tensor input by its name, and may have those of
     *     {@link Model#optionalInputs}
     * @return this session
     * @throws InvalidInputException if an input is missing, unknown or no tensor, or a shape does not fit the model
     */
    @SafeVarargs
    public final Session warmUp(Map<String, long[]>... shapes) {
        for (Map<String, long[]> set : shapes) {
            WarmUp.run(this, set);
        }
        return this;
    }

    /**
     * A session like this one whose predictions report intermediate values: to compare two models, to calibrate a
     * quantisation, to find where a number goes wrong.
     *
     * <pre>{@code
     * session.observe(List.of("hidden"), (name, value) -> System.out.println(name + " " + value)).predict(inputs);
     * }</pre>
     *
     * @param values names of values of {@link Model#graph}: inputs, constants, and outputs of nodes. Values of the
     *     bodies of control operators can't be observed
     * @param observer receives the values of each prediction
     * @return the observed session, which is compiled at its first prediction
     * @throws InvalidOptionException if the graph has no value of a name
     */
    public ObservedSession observe(List<String> values, ValueObserver observer) {
        Set<String> names = GraphVariants.inOrder(model.graph(), values);
        return new ObservedSession(names, Objects.requireNonNull(observer, "observer"), () -> observed.get(names));
    }

    /**
     * Shows what this session does: the optimised graph, the steps of a call with their kernels, and how long they
     * take.
     *
     * @return an inspection of this session
     */
    public Inspection inspect() {
        return new Inspection(this);
    }

    /**
     * Saves the optimised model with standard options.
     *
     * @param path the file, created or replaced when all is written; it may be the one that the model is mapped from
     * @throws dev.tenon.formats.ModelFileException if it can't be written, or the name ends neither with {@code .tenon}
     *     nor with {@code .onnx}
     * @throws dev.tenon.formats.UnsupportedModelException if the graph has something that ONNX can't express
     * @see #save(Path, SaveOptions)
     */
    public void save(Path path) {
        save(path, SaveOptions.standard());
    }

    /**
     * Saves the optimised model. The end of the file's name selects the format.
     *
     * <p>{@code .tenon} is a package. {@link Model#load(Path)} makes it ready to predict at once: the graph is
     * optimised already, weights are packed already, and the input shapes that this session has planned for are planned
     * when a session is made. A package has the weights twice, as the model has them and as the kernels of this machine
     * use them. On a machine whose kernels use other layouts, weights are packed again. A package belongs to the
     * version of Tenon that wrote it; other versions read it or refuse it. Options of the session are not part of it. A
     * package of a session that was optimised under {@link NumericsMode#STANDARD} can't be used under
     * {@link NumericsMode#STRICT}.
     *
     * <p>{@code .onnx} is the optimised graph in operators of ONNX and of {@code com.microsoft}, for every runtime that
     * has these.
     *
     * @param path the file, created or replaced when all is written; it may be the one that the model is mapped from
     * @param save how it is written
     * @throws dev.tenon.formats.ModelFileException if it can't be written, or the name ends neither with {@code .tenon}
     *     nor with {@code .onnx}
     * @throws dev.tenon.formats.UnsupportedModelException if the graph has something that ONNX or the options can't
     *     express
     */
    public void save(Path path, SaveOptions save) {
        ExecutionContext context = acquire();
        try {
            SavedModels.write(path, save, model.metadata(), context.executor(), options);
        } finally {
            context.release();
        }
    }

    @Override
    public String toString() {
        return "session of " + model;
    }
}
