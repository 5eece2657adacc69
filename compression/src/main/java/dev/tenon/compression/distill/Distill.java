package dev.tenon.compression.distill;

import dev.tenon.Model;
import dev.tenon.compression.Fingerprint;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.trees.FewTrees;
import dev.tenon.graph.pass.GraphCopy;
import dev.tenon.tensor.Tensor;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Puts a student in the place of the model, after it has learned to give the outputs of its teachers on the samples for calibration.
 * Without {@link #from} the teacher is the model before compression. The standard rate is 0.001.
 *
 * <pre>{@code
 * Compression result = Compressor.of(teacher)
 *     .calibrate(Samples.npy(train))
 *     .evaluate(Samples.npy(test), Metric.accuracy(labels))
 *     .apply(Distill.into(student).loss(Loss.kl(4)).epochs(10).patience(2))
 *     .run();
 * }</pre>
 *
 * <p>The student has the inputs of the samples, by name, and an output of the shape of the compared one. Immutable; each method returns
 * a changed copy.
 */
public final class Distill extends TrainedStep<Distill> {
    private static final double RATE = 1e-3;

    private final UnaryOperator<Model> student;
    /** The student, if it is not made; otherwise null. */
    private final Model given;

    private final List<Model> teachers;
    /** Null for none. */
    private final Tensor labels;

    /** The names of values in the student by those in the teacher. */
    private final Map<String, String> names;

    private Distill(
            UnaryOperator<Model> student,
            Model given,
            List<Model> teachers,
            Tensor labels,
            Map<String, String> names,
            Values settings) {
        super(settings);
        this.student = student;
        this.given = given;
        this.teachers = teachers;
        this.labels = labels;
        this.names = names;
    }

    /**
     * Distils into a network.
     *
     * @param student the network. Its weights are where training begins
     * @return the step
     */
    public static Distill into(Model student) {
        return new Distill(teacher -> student, student, List.of(), null, Map.of(), new Values(RATE));
    }

    /**
     * Distils into a network that is made of the first teacher when the step runs.
     *
     * @param maker makes it, such as {@code teacher -> Students.of(teacher).everyNthLayer(2).build()}; the same one each time
     * @return the step
     */
    public static Distill into(UnaryOperator<Model> maker) {
        return new Distill(maker, null, List.of(), null, Map.of(), new Values(RATE));
    }

    /**
     * Distils a model of tables, a network or a large forest, into a few trees.
     *
     * @param count the number of trees, 1 to 100,000
     * @return the step
     * @throws dev.tenon.error.InvalidOptionException if the number is out of range
     */
    public static FewTrees intoTrees(int count) {
        return FewTrees.of(count);
    }

    @Override
    Distill copy(Values changed) {
        return new Distill(student, given, teachers, labels, names, changed);
    }

    /**
     * How often all samples are seen.
     *
     * @param count at least 1; 10 if this is not called
     * @return the changed copy
     * @throws dev.tenon.error.InvalidOptionException if it is out of range
     */
    public Distill epochs(int count) {
        return trainedFor(count);
    }

    /**
     * The models to learn from. The student learns the mean of their outputs. A teacher is any model whose inputs the samples have, a
     * forest, too.
     *
     * @param models the teachers in the place of the model before compression
     * @return the changed copy
     */
    public Distill from(Model... models) {
        return new Distill(student, given, List.of(models), labels, names, settings());
    }

    /**
     * The classes of the samples for calibration, for {@link Loss#labels}. A label of -1 is none.
     *
     * @param classes whole numbers, as many for each sample as the compared output has vectors; the first dimension tells samples apart
     * @return the changed copy
     */
    public Distill labels(Tensor classes) {
        return new Distill(student, given, teachers, classes, names, settings());
    }

    /**
     * Tells the name that a value of the teacher has in the student: an input, the compared output, or a value inside that a loss
     * compares. Without this it is the same one. The result has the inputs by the names of the teacher.
     *
     * @param ofTeacher the name in the teacher; of an input that of the samples
     * @param ofStudent the name in the student
     * @return the changed copy
     */
    public Distill map(String ofTeacher, String ofStudent) {
        Map<String, String> more = new TreeMap<>(names);
        more.put(ofTeacher, ofStudent);
        return new Distill(student, given, teachers, labels, Collections.unmodifiableMap(more), settings());
    }

    /** {@return the name, the options, and fingerprints of student, teachers and labels; a student that is made has that of its maker} */
    @Override
    public String toString() {
        Fingerprint from = new Fingerprint();
        teachers.forEach(from::add);
        if (labels != null) {
            from.add(labels);
        }
        String into =
                given == null ? student + "" : new Fingerprint().add(given).hex();
        return super.toString() + (names.isEmpty() ? "" : " " + names) + " " + into + " " + from.hex();
    }

    @Override
    public String name() {
        return "distill";
    }

    @Override
    public Model apply(Model model, StepContext context) {
        List<Model> from = teachers(teachers, name(), context);
        Map<String, String> inputs = new HashMap<>();
        names.forEach((ofTeacher, ofStudent) -> inputs.put(ofStudent, ofTeacher));
        Model made = student.apply(from.getFirst());
        Model renamed = made.withGraph(GraphCopy.renamingInputs(made.graph(), inputs));
        return trained(new Made(names.isEmpty() ? made : renamed, Set.of(), names, false), from, labels, context);
    }
}
