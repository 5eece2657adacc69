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
 * outputs fit into a quarter of the heap, otherwise on each batch.
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

    private final boolean isKept;

    /**
     * Reads all samples, and asks the teacher.
     *
     * @param calls the samples
     * @param inputs the inputs of the network
     * @param teacher the teacher; null if the loss has none
     * @param labels the labels of all samples; null if the loss has none
     * @param context receives the progress of the teacher
     */
    TrainingData(Samples.Calls calls, Set<String> inputs, Teacher teacher, Tensor labels, StepContext context) {
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
        long heap = Runtime.getRuntime().maxMemory();
        rows = new SampleRows(names, heap / SAMPLES_SHARE);
        calls.forEach(rows::add);
        isKept = teacher == null || taught(heap / OUTPUTS_SHARE, context);
    }

    /** Whether the outputs of the teacher are kept. The first ones are made in any case: they tell how large they are. */
    private boolean taught(long mostBytes, StepContext context) {
        List<Map<String, Tensor>> calls = rows.calls();
        int done = 0;
        for (int i = 0; i < calls.size(); i++) {
            int samples =
                    Math.toIntExact(calls.get(i).values().iterator().next().dim(0));
            Tensor output = teacher.of(calls.get(i), done);
            if (output.rank() == 0 || output.dim(0) != samples) {
                throw new CompressionException(
                        "output of the teacher",
                        output.type().text() + " for " + samples + " samples",
                        "a row for each sample",
                        "compare another output");
            }
            if (i == 0 && (double) output.byteSize() / samples * rows.samples() > mostBytes) {
                return false;
            }
            rows.put(i, LossGraph.TEACHER, output);
            done += samples;
            context.progress("teacher", 0.1 * done / rows.samples());
        }
        return true;
    }

    /** The samples. */
    SampleRows rows() {
        return rows;
    }

    /** Fills the inputs of a program. */
    void fill(List<Row> batch, Map<String, Tensor> inputs) {
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            if (input.getKey().equals(LossGraph.LABELS)) {
                classes(batch, input.getValue());
            } else if (!input.getKey().equals(LossGraph.TEACHER)) {
                rows.gather(batch, input.getKey(), input.getValue());
            }
        }
        Tensor taught = inputs.get(LossGraph.TEACHER);
        if (taught != null) {
            checkShape(batch, taught);
            if (isKept) {
                rows.gather(batch, LossGraph.TEACHER, taught);
            } else {
                taught.copyFrom(teacher.of(call(batch), batch.getFirst().number()));
            }
        }
    }

    private void checkShape(List<Row> batch, Tensor own) {
        if (!isKept) {
            return;
        }
        long[] dims = rows.dims(batch.getFirst(), LossGraph.TEACHER, batch.size());
        if (!Arrays.equals(dims, own.dims())) {
            throw new CompressionException(
                    "output of the network to train",
                    "shape " + Arrays.toString(own.dims()) + " for " + batch.size() + " samples",
                    "shape " + Arrays.toString(dims) + ", as the teacher has",
                    "compare another output, or give a student with the output of its teacher");
        }
    }

    private Map<String, Tensor> call(List<Row> batch) {
        Map<String, Tensor> call = new LinkedHashMap<>();
        for (String name : teacher.inputs()) {
            DType type = rows.calls().getFirst().get(name).dtype();
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
