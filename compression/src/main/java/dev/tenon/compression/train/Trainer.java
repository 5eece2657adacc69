package dev.tenon.compression.train;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.CompressionReport.Training;
import dev.tenon.compression.Fingerprint;
import dev.tenon.compression.Machine;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.checkpoint.CheckpointFile;
import dev.tenon.compression.train.Batches.Batch;
import dev.tenon.compression.train.Batches.Bucket;
import dev.tenon.compression.train.SampleRows.Row;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Value;
import dev.tenon.graph.gradient.Gradients;
import dev.tenon.graph.gradient.Trainables;
import dev.tenon.graph.pass.CommonSubexpressions;
import dev.tenon.graph.pass.ConstantFolding;
import dev.tenon.graph.pass.DeadCodeElimination;
import dev.tenon.graph.pass.Pass;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Trains the weights of a network. A tenth of the samples judges after each epoch, and the weights that do best there are the result.
 * A loss that is no number, or ten times that before training, sends the weights back to the best ones with half of the rate, once;
 * then it ends the training.
 */
public final class Trainer {
    private static final int STEPS_A_CHECKPOINT = 256;
    private static final double GROWN = 10;
    private static final int NAME_DIGITS = 16;

    /** Makes constants of what follows from dimensions. Rules would make operators on integers of quantised weights. */
    private static final List<Pass> SIMPLIFICATION =
            List.of(new ConstantFolding(), new CommonSubexpressions(), new DeadCodeElimination());

    private final Task task;
    private final StepContext context;
    private final TrainingOptions options;
    private final String output;
    private final Graph network;
    private final TrainedWeights weights;
    private final TrainingData data;
    private final Batches batches;
    private final Optimizer optimizer;
    private final Map<Integer, Program> programs = new LinkedHashMap<>();
    private final TrainingState state;
    private final List<Tensor> gradients;
    private final Optional<Checkpoint> checkpoint;

    /**
     * The work.
     *
     * @param step the name of the step, for reports
     * @param student the network, whose weights are the first ones
     * @param scales the names of constants that are trained although they are no weights
     * @param names the names of values in the network by those in the teachers, where they differ
     * @param teachers the models whose outputs it learns
     * @param output the output that is compared; null for the first one of floating-point numbers
     * @param labels the labels of all samples; null if the loss needs none
     * @param options the options
     */
    public record Task(
            String step,
            Model student,
            Set<String> scales,
            Map<String, String> names,
            List<Model> teachers,
            String output,
            Tensor labels,
            TrainingOptions options) {}

    /**
     * The result.
     *
     * @param student the network with the best weights
     * @param report how they were learned
     */
    public record Result(Model student, Training report) {}

    private Trainer(Task task, StepContext context) {
        this.task = task;
        this.context = context;
        Samples.Calls calls = context.samples()
                .orElseThrow(() -> new CompressionException(
                        task.step(), "no samples", "samples for calibration", "give them to Compressor.calibrate"));
        String taught = task.output() == null && !task.teachers().isEmpty()
                ? Teacher.output(task.teachers().getFirst(), null)
                : task.output();
        this.output = ownOutput(task, taught);
        this.network = compared(hidden(task), output);
        this.weights = TrainedWeights.of(network, task.scales());
        if (weights.trained().isEmpty()) {
            throw new CompressionException(
                    task.step() + " of '" + task.student().name() + "'",
                    "nothing that can be trained: " + weights.frozen(),
                    "weights in float32",
                    "train before weights become integers");
        }
        int batch = Teacher.fixedBatch(network.inputs().stream().map(Value::type));
        TrainingOptions given = task.options();
        this.options = given;
        if (given.hasLabels() && task.labels() == null) {
            throw new CompressionException(task.step(), "a loss of labels without labels", "labels", "give them");
        }
        if (given.hasTeacher() && task.teachers().isEmpty()) {
            throw new CompressionException(task.step(), "no teacher", "one and more", "give one");
        }
        this.data = new TrainingData(
                calls,
                names(network),
                given.hasTeacher() ? new Teacher(task.teachers(), taught, given) : null,
                given.hasLabels() ? task.labels() : null);
        this.batches = new Batches(data.rows(), batch > 0 ? batch : given.batch(), batch > 0, given.seed());
        this.state = TrainingState.of(weights.trained(), given);
        this.gradients = state.weights.stream()
                .map(w -> Tensor.allocateNative(DType.FLOAT32, w.now().dims()))
                .toList();
        this.optimizer = new Optimizer(given, (long) given.epochs() * batches.steps(), state, gradients);
        this.checkpoint = context.folder().map(folder -> {
            String owner = owner();
            return new Checkpoint(
                    CheckpointFile.folder(folder).resolve("training-" + owner.substring(0, NAME_DIGITS) + ".bin"),
                    owner);
        });
    }

    /**
     * Trains a network.
     *
     * @param task the work
     * @param context has the samples, receives the progress, and may have a folder for a checkpoint
     * @return the network with the best weights
     * @throws CompressionException if samples, labels, outputs or options do not fit, or the network can't be differentiated
     */
    public static Result train(Task task, StepContext context) {
        long start = System.nanoTime();
        Trainer trainer = new Trainer(task, context);
        trainer.run();
        return new Result(trainer.trained(), trainer.report((System.nanoTime() - start) / 1e9));
    }

    /** The output of the student that belongs to that of the teacher: by its name, or as the only one that fits. */
    private static String ownOutput(Task task, String taught) {
        List<String> names = Teacher.floats(task.student());
        String own = taught == null ? null : task.names().getOrDefault(taught, taught);
        if (own == null && !names.isEmpty() || names.contains(own)) {
            return own == null ? names.getFirst() : own;
        }
        if (names.size() == 1) {
            return names.getFirst();
        }
        throw new CompressionException(
                "outputs of student '" + task.student().name() + "'",
                task.student().outputs().toString(),
                "output '" + taught + "', as the teacher has: "
                        + (task.teachers().isEmpty()
                                ? ""
                                : task.teachers().getFirst().outputs()),
                "tell its name in the student by Distill.map");
    }

    /** The network with its hidden values as outputs, if the loss compares some. */
    private static Graph hidden(Task task) {
        Graph graph = task.student().graph();
        return HiddenValues.of(task.options()).isEmpty() || task.teachers().isEmpty()
                ? graph
                : HiddenValues.exposed(graph, task.teachers().getFirst().graph(), task);
    }

    /** A network with one of its outputs, and all that this needs. */
    private static Graph compared(Graph graph, String output) {
        GraphEditor editor = new GraphEditor(graph);
        graph.outputNames().stream()
                .filter(name -> !name.equals(output) && !HiddenValues.isOwn(name))
                .forEach(editor::removeOutput);
        return new DeadCodeElimination().apply(editor.build());
    }

    private static Set<String> names(Graph graph) {
        Set<String> names = new LinkedHashSet<>();
        graph.inputs().forEach(input -> names.add(input.name()));
        return names;
    }

    /** The fingerprint of all that decides the result. The number of threads does not. */
    private String owner() {
        Fingerprint all = new Fingerprint().add(task.student());
        task.teachers().forEach(all::add);
        data.rows().addTo(all);
        // The tiers that are on decide how sums are rounded.
        all.add(output + task.names()).add(Machine.current().tiers() + "").add(text(options));
        return (task.labels() == null ? all : all.add(task.labels())).hex();
    }

    private static String text(TrainingOptions o) {
        return o.terms() + " " + o.optimizer() + " " + o.epochs() + " " + o.patience() + " " + o.batch() + " "
                + o.seed() + " " + o.average() + " " + o.keepsZeros();
    }

    /** The program for the steps of a bucket, or for the calls that judge. */
    private Program program(int bucket, boolean isStep) {
        return programs.computeIfAbsent(2 * bucket + (isStep ? 1 : 0), key -> {
            Bucket all = batches.buckets().get(bucket);
            Map<String, long[]> dims = new LinkedHashMap<>();
            int samples = isStep ? all.batch() : all.judgeBatch();
            Row any = all.training().getFirst();
            names(network).forEach(input -> dims.put(input, data.rows().dims(any, input, samples)));
            Trainables free = Trainables.of(network, dims, weights.trained()::containsKey);
            Graph loss = LossGraph.of(free.graph(), output, options, data.hidden(any, samples));
            for (Pass pass : SIMPLIFICATION) {
                loss = pass.apply(loss);
            }
            return isStep
                    ? new Program(
                            task.student(),
                            Gradients.of(
                                    loss,
                                    LossGraph.LOSS,
                                    List.copyOf(weights.trained().keySet())),
                            state,
                            gradients,
                            options)
                    : new Program(task.student(), loss, state, List.of(), options);
        });
    }

    private void run() {
        boolean isKnown = checkpoint.map(c -> c.read(state)).orElse(false);
        if (state.epoch < options.epochs()) {
            data.ask(context);
        }
        if (!isKnown) {
            Judgement before = judge();
            state.agreementBefore = before.agreement();
            state.curve.add(new double[] {Double.NaN, before.loss(), 0});
            state.keep(before.loss(), before.agreement());
        }
        while (state.epoch < options.epochs()) {
            boolean isFinite = epoch();
            Judgement now = isFinite ? judge() : new Judgement(Double.NaN, Double.NaN);
            double loss = isFinite ? state.sum / batches.steps() : Double.NaN;
            state.curve.add(new double[] {loss, now.loss(), rate(Math.max(0, state.step - 1))});
            boolean hasGrown = !(now.loss() <= GROWN * state.curve.getFirst()[1]);
            if (now.loss() < state.best) {
                state.keep(now.loss(), now.agreement());
            }
            state.sum = 0;
            state.batch = 0;
            state.epoch++;
            state.step = (long) state.epoch * batches.steps();
            boolean isEnough = options.patience() > 0 && state.curve.size() - 1 - state.bestEpoch >= options.patience();
            if (isEnough || hasGrown && state.rateScale < 1) {
                state.epoch = options.epochs();
            } else if (hasGrown) {
                state.backToBest();
            }
            checkpoint.ifPresent(c -> c.write(state));
        }
    }

    private double rate(long step) {
        return optimizer.rate(step) * state.rateScale;
    }

    /** Does the steps of an epoch that are left, and says whether all losses were numbers. */
    private boolean epoch() {
        List<Batch> order = batches.epoch(state.epoch);
        String what = String.format(
                Locale.ROOT,
                "%s, epoch %d of %d, loss %.4g, rate %.2g",
                task.step(),
                state.epoch + 1,
                options.epochs(),
                state.curve.getLast()[1],
                rate(state.step));
        while (state.batch < order.size()) {
            double done = (state.epoch + (double) state.batch / order.size()) / options.epochs();
            context.progress(what, 0.1 + 0.9 * done);
            Batch batch = order.get(state.batch);
            Program program = program(batch.bucket(), true);
            data.fill(batch.rows(), program.data());
            double loss = program.run();
            if (!Double.isFinite(loss)) {
                return false;
            }
            optimizer.step();
            state.sum += loss;
            state.batch++;
            if (state.step % STEPS_A_CHECKPOINT == 0) {
                checkpoint.ifPresent(c -> c.write(state));
            }
        }
        return true;
    }

    /** The loss of the samples that judge, and how far they agree with the teacher or the labels. */
    private record Judgement(double loss, double agreement) {}

    private Judgement judge() {
        double loss = 0;
        Agreement agreement = new Agreement(options.isOfClasses());
        long samples = 0;
        for (Batch batch : batches.judges()) {
            Program program = program(batch.bucket(), false);
            Map<String, Tensor> inputs = program.data();
            data.fill(batch.rows(), inputs);
            loss += program.run() * batch.rows().size();
            samples += batch.rows().size();
            Tensor target = inputs.getOrDefault(LossGraph.TEACHER, inputs.get(LossGraph.LABELS));
            agreement.add(program.output(), target.toFloatArray(), (int) target.dim(target.rank() - 1));
        }
        return new Judgement(loss / samples, agreement.mean());
    }

    private Model trained() {
        Map<String, Tensor> best = state.bestTensors();
        Graph graph = task.student().graph();
        GraphEditor editor = new GraphEditor(graph);
        for (Value constant : graph.constants()) {
            Tensor learned = best.get(constant.name());
            if (learned != null) {
                editor.replaceConstant(constant, learned);
            }
        }
        return task.student().withGraph(editor.build());
    }

    private Training report(double seconds) {
        List<Training.Epoch> epochs = state.curve.stream()
                .map(p -> new Training.Epoch(p[0], p[1], p[2]))
                .toList();
        long judges = batches.judges().stream().mapToLong(b -> b.rows().size()).sum();
        return new Training(
                task.step(),
                epochs,
                state.bestEpoch,
                new Training.Agreement(
                        options.isOfClasses() ? "classes" : "cosine",
                        state.agreementBefore,
                        state.agreementBest,
                        judges),
                List.copyOf(weights.trained().keySet()),
                weights.frozen(),
                notes(),
                seconds);
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>();
        List<Integer> left = batches.leftOut();
        if (!left.isEmpty()) {
            notes.add(left.stream().mapToInt(i -> i).sum() + " samples of " + left.size()
                    + " shapes were left out: too few of one shape for a batch beside those that judge");
        }
        if (state.rateScale < 1) {
            notes.add("the loss had grown, and the rate was halved from the best weights so far");
        }
        return notes;
    }
}
