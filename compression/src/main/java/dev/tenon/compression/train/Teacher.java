package dev.tenon.compression.train;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.train.SampleRows.Row;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.GraphIndex;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The mean of the outputs of one or several models. Confined to one thread. */
final class Teacher {
    private static final double LEAST_PROBABILITY = 1e-7;
    private static final double TOLERANCE = 1e-3;

    private final List<Member> members;
    private final boolean isOfClasses;

    /** Null before the first call. */
    private Boolean hasProbabilities;

    private final List<String> hidden;

    /** A model, and its outputs that are compared. */
    private record Member(Session session, Set<String> inputs, List<String> outputs, int batch) {
        /** The outputs, by calls of as many samples as the model takes. The last one has zeros after its samples. */
        List<Tensor> run(Map<String, Tensor> call, int samples) {
            Map<String, Tensor> own = new LinkedHashMap<>(call);
            own.keySet().retainAll(inputs);
            if (batch == 0 || batch == samples) {
                Outputs found = session.predict(own);
                return outputs.stream()
                        .map(output -> checked(found.tensor(output), samples))
                        .toList();
            }
            List<Tensor> all = new ArrayList<>();
            for (int at = 0; at < samples; at += batch) {
                int from = at;
                int count = Math.min(batch, samples - at);
                Map<String, Tensor> some = new LinkedHashMap<>();
                own.forEach((name, t) -> {
                    some.put(name, Tensor.allocate(t.dtype(), dims(t, batch)));
                    SampleRows.copy(t, from, some.get(name), 0, count);
                });
                Outputs found = session.predict(some);
                for (int i = 0; i < outputs.size(); i++) {
                    Tensor part = checked(found.tensor(outputs.get(i)), batch);
                    if (at == 0) {
                        all.add(Tensor.allocate(part.dtype(), dims(part, samples)));
                    }
                    SampleRows.copy(part, 0, all.get(i), at, count);
                }
            }
            return all;
        }

        private static long[] dims(Tensor t, int rows) {
            long[] dims = t.dims();
            dims[0] = rows;
            return dims;
        }

        private static Tensor checked(Tensor output, int samples) {
            if (output.rank() == 0 || output.dim(0) != samples) {
                throw new CompressionException(
                        "output of the teacher",
                        output.type().text() + " for " + samples + " samples",
                        "a row for each sample",
                        "compare another output");
            }
            return output;
        }
    }

    /**
     * A teacher.
     *
     * @param models the models
     * @param output the name of the output that is compared; null for the first one of floating-point numbers
     * @param options the options of training
     */
    Teacher(List<Model> models, String output, TrainingOptions options) {
        this.isOfClasses = options.isOfClasses();
        this.hidden = HiddenValues.of(options);
        this.members =
                models.stream().map(model -> member(model, output, options)).toList();
    }

    private Member member(Model model, String output, TrainingOptions options) {
        List<String> outputs = new ArrayList<>(List.of(output(model, output)));
        Model exposing = model;
        if (!hidden.isEmpty()) {
            GraphIndex index = new GraphIndex(model.graph());
            Graph graph = GraphEditor.exposing(
                    model.graph(), hidden.stream().map(index::value).toList());
            outputs.addAll(graph.outputNames()
                    .subList(model.outputs().size(), graph.outputNames().size()));
            exposing = model.withGraph(graph);
        }
        return new Member(
                exposing.session(sessions(options)),
                new LinkedHashSet<>(model.inputs().stream().map(ValueInfo::name).toList()),
                outputs,
                fixedBatch(model.inputs().stream().map(ValueInfo::type)));
    }

    /** The samples of a call that a model demands, by the types of its inputs; 0 for any number. */
    static int fixedBatch(Stream<ValueType> inputs) {
        return inputs.filter(type -> type instanceof TensorType t
                        && t.shape().hasRank()
                        && t.shape().rank() > 0)
                .map(type -> ((TensorType) type).shape().dim(0))
                .findFirst()
                .filter(Dim::isKnown)
                .map(first -> Math.toIntExact(first.value()))
                .orElse(0);
    }

    /** The options of a session. */
    static SessionOptions sessions(TrainingOptions options) {
        return options.threads() == 0
                ? SessionOptions.standard()
                : SessionOptions.standard().threads(options.threads());
    }

    /** The names of the outputs of floating-point numbers. */
    static List<String> floats(Model model) {
        return model.outputs().stream()
                .filter(o -> o.type() instanceof TensorType t && t.dtype().isFloating())
                .map(ValueInfo::name)
                .toList();
    }

    /** The name of the output of a model that is compared. */
    static String output(Model model, String wanted) {
        List<String> floats = floats(model);
        if (floats.isEmpty() || wanted != null && !floats.contains(wanted)) {
            throw new CompressionException(
                    "model '" + model.name() + "'",
                    wanted == null ? "no output of floating-point numbers" : "no such output '" + wanted + "'",
                    floats.isEmpty() ? "models with such an output" : String.join(", ", floats),
                    null);
        }
        return wanted == null ? floats.getFirst() : wanted;
    }

    /** Whether hidden values are asked for. */
    boolean hasHidden() {
        return !hidden.isEmpty();
    }

    /** The inputs that the models need. */
    Set<String> inputs() {
        Set<String> all = new LinkedHashSet<>();
        members.forEach(member -> all.addAll(member.inputs()));
        return all;
    }

    /**
     * The mean outputs for a call, as float32, by the names of the inputs that take them: the compared output, then hidden values. For a
     * loss of classes probabilities become logarithms, which are logits.
     *
     * @param call the inputs
     * @param rows the samples of the call
     * @throws CompressionException if an output has no row for each sample, or numbers that are not finite
     */
    Map<String, Tensor> of(Map<String, Tensor> call, List<Row> rows) {
        List<List<Tensor>> found =
                members.stream().map(member -> member.run(call, rows.size())).toList();
        Map<String, Tensor> means = new LinkedHashMap<>();
        means.put(LossGraph.TEACHER, mean(found, 0, rows));
        for (int i = 0; i < hidden.size(); i++) {
            means.put(HiddenValues.taught(hidden.get(i)), mean(found, i + 1, rows));
        }
        return means;
    }

    /** The mean of an output over the members. */
    private Tensor mean(List<List<Tensor>> found, int number, List<Row> rows) {
        double[] sum = null;
        long[] dims = null;
        for (int m = 0; m < members.size(); m++) {
            Member member = members.get(m);
            Tensor output = found.get(m).get(number);
            SampleRows.checkFinite(output, i -> rows.get(i).number(), "output of the teacher");
            double[] values = output.toDoubleArray();
            if (sum == null) {
                sum = values;
                dims = output.dims();
            } else if (!output.shapeIs(dims)) {
                throw new CompressionException(
                        "output of teacher '" + member.session().model().name() + "'",
                        output.type().text(),
                        "the shape " + Arrays.toString(dims) + " of the first teacher",
                        null);
            } else {
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += values[i];
                }
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] /= members.size();
        }
        if (hasProbabilities == null) {
            hasProbabilities = isOfClasses && dims.length > 1 && areProbabilities(sum, (int) dims[dims.length - 1]);
        }
        float[] values = new float[sum.length];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    (float) (number == 0 && hasProbabilities ? Math.log(Math.max(LEAST_PROBABILITY, sum[i])) : sum[i]);
        }
        return Tensor.wrap(values, dims);
    }

    private static boolean areProbabilities(double[] values, int classes) {
        for (int at = 0; at < values.length; at += classes) {
            double sum = 0;
            for (int i = at; i < at + classes; i++) {
                if (values[i] < 0) {
                    return false;
                }
                sum += values[i];
            }
            if (Math.abs(sum - 1) > TOLERANCE) {
                return false;
            }
        }
        return true;
    }
}
