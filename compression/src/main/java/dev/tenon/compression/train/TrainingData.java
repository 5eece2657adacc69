package dev.tenon.compression.train;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.train.SampleRows.Row;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Samples with what a network should answer to them: the outputs of a teacher, and labels. The teacher runs once on all samples if its
 * outputs are kept, otherwise on each batch.
 */
final class TrainingData {
    /** The part of the heap that samples may take. */
    private static final int SAMPLES_SHARE = 2;

    private static final int OUTPUTS_SHARE = 4;

    private final SampleRows rows;
    /** Null if the loss has no teacher. */
    private final Teacher teacher;

    /** Null if the loss has no labels. */
    private final Tensor labels;

    private boolean isKept;

    /**
     * Reads all samples.
     *
     * @param calls the samples
     * @param inputs the inputs of the network
     * @param teacher the teacher; null if the loss has none
     * @param labels the labels of all samples; null if the loss has none
     */
    TrainingData(Samples.Calls calls, Set<String> inputs, Teacher teacher, Tensor labels) {
        this.teacher = teacher;
        this.labels = labels;
        if (labels != null && (labels.rank() == 0 || labels.dim(0) != calls.samples())) {
            throw new CompressionException(
                    "labels to train on",
                    (labels.rank() == 0 ? "one number" : labels.dim(0)) + " for " + calls.samples() + " samples",
                    "one for each sample",
                    null);
        }
        Set<String> names = new LinkedHashSet<>(inputs);
        if (teacher != null) {
            names.addAll(teacher.inputs());
        }
        rows = new SampleRows(names, Runtime.getRuntime().maxMemory() / SAMPLES_SHARE);
        calls.forEach(rows::add);
    }

    /**
     * Asks the teacher, whose outputs are kept if they fit. The first ones are made in any case: they tell how large they are.
     *
     * @param context receives the progress of the teacher
     */
    void ask(StepContext context) {
        ask(Runtime.getRuntime().maxMemory() / OUTPUTS_SHARE, context);
    }

    /** Asks the teacher, whose outputs may take some bytes. */
    void ask(long mostBytes, StepContext context) {
        if (teacher == null) {
            return;
        }
        int done = 0;
        for (SampleRows.Call call : rows.calls()) {
            Map<String, Tensor> outputs = teacher.of(call.values(), call.rows());
            long bytes = outputs.values().stream().mapToLong(Tensor::byteSize).sum();
            if (done == 0 && (double) bytes / call.rows().size() * rows.samples() > mostBytes) {
                return;
            }
            call.values().putAll(outputs);
            done += call.rows().size();
            context.progress("teacher", 0.1 * done / rows.samples());
        }
        isKept = true;
    }

    /** The samples. */
    SampleRows rows() {
        return rows;
    }

    /** The shapes of the hidden values of the teacher for some samples of a bucket, by the inputs that take them. */
    Map<String, long[]> hidden(Row any, int samples) {
        Map<String, long[]> all = new LinkedHashMap<>();
        if (teacher != null && teacher.hasHidden()) {
            teacher.of(call(List.of(any)), List.of(any)).forEach((name, values) -> {
                long[] dims = values.dims();
                dims[0] = samples;
                all.put(name, dims);
            });
        }
        return all;
    }

    /** Fills the inputs of a program. */
    void fill(List<Row> batch, Map<String, Tensor> targets) {
        boolean isAsked = !isKept && targets.containsKey(LossGraph.TEACHER);
        Map<String, Tensor> made = isAsked ? teacher.of(call(batch), batch) : Map.of();
        targets.forEach((name, values) -> {
            if (name.equals(LossGraph.LABELS)) {
                classes(batch, values);
            } else if (name.equals(LossGraph.TEACHER) || HiddenValues.isTaught(name)) {
                taught(batch, name, made.get(name), values);
            } else {
                rows.gather(batch, name, values);
            }
        });
    }

    private void taught(List<Row> batch, String name, Tensor made, Tensor own) {
        long[] dims = isKept ? rows.dims(batch.getFirst(), name, batch.size()) : made.dims();
        if (!Arrays.equals(dims, own.dims())) {
            throw new CompressionException(
                    "output of the network to train",
                    "shape " + Arrays.toString(own.dims()) + " for " + batch.size() + " samples",
                    "shape " + Arrays.toString(dims) + ", as the teacher has",
                    "compare another output, or give a student with the output of its teacher");
        }
        if (isKept) {
            rows.gather(batch, name, own);
        } else {
            own.copyFrom(made);
        }
    }

    private Map<String, Tensor> call(List<Row> batch) {
        Map<String, Tensor> call = new LinkedHashMap<>();
        for (String name : teacher.inputs()) {
            DType type = rows.calls().getFirst().values().get(name).dtype();
            Tensor values = Tensor.allocate(type, rows.dims(batch.getFirst(), name, batch.size()));
            rows.gather(batch, name, values);
            call.put(name, values);
        }
        return call;
    }

    /** Sets a 1 for the class of each label; a label of -1 has none. */
    private void classes(List<Row> batch, Tensor target) {
        int classes = Math.toIntExact(target.dim(target.rank() - 1));
        long places = target.size() / classes / batch.size();
        long given = labels.size() / labels.dim(0);
        if (places != given) {
            throw new CompressionException(
                    "labels to train on",
                    given + " for each sample",
                    places + " for each sample, as the output " + target.type().text() + " has",
                    null);
        }
        float[] values = new float[Math.toIntExact(target.size())];
        for (int i = 0; i < batch.size() * places; i++) {
            long at = batch.get((int) (i / places)).number() * places + i % places;
            long label = labels.getLong(at);
            if (label < -1 || label >= classes) {
                throw new CompressionException(
                        "label " + at + " to train on", "class " + label, "classes from 0 to " + (classes - 1), null);
            }
            if (label >= 0) {
                values[Math.toIntExact((long) i * classes + label)] = 1;
            }
        }
        target.copyFrom(Tensor.wrap(values, target.dims()));
    }
}
