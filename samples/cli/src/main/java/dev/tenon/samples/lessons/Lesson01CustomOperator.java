package dev.tenon.samples.lessons;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.OpLibrary;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.samples.Command;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A model with an operator that is not in the ONNX standard. Without further means Tenon refuses to load it, and the
 * error names the cure. With a library that defines the operator the model loads. It runs first by the reference of the
 * operator, then by its kernel. At last it is written and loaded again.
 */
public final class Lesson01CustomOperator implements Command {
    private static final float[] X = {3, -0.5f, -2, 0.25f};
    private static final float[] EXPECTED = {2, 0, -1, 0};

    /** Makes the lesson. */
    public Lesson01CustomOperator() {}

    @Override
    public Usage usage() {
        return Usage.of(
                        "samples/run custom-operator",
                        "A lesson: a model with an operator of your own, with a reference and a kernel.")
                .exit(1, "a claim of the lesson was wrong")
                .example("samples/run custom-operator");
    }

    @Override
    public int run(List<String> args, PrintStream out) throws IOException {
        usage().parse(args);
        Path file = Files.createTempFile("soft-threshold", ".onnx");
        try {
            return run(file, out);
        } finally {
            Files.delete(file);
        }
    }

    private static int run(Path file, PrintStream out) {
        makeModel().save(file);
        out.println("1. A model that uses com.example.SoftThreshold, loaded with the operators of the standard only:");
        try {
            Model.load(file, LoadOptions.standard().copied());
            out.println("   WRONG: it was not refused");
            return 1;
        } catch (UnsupportedModelException e) {
            out.println("   " + e.getMessage());
        }
        out.println("2. Loaded with a library that defines schema, types and reference of the operator:");
        boolean right = check(load(file, SoftThreshold.SLOW), out);
        out.println("3. Loaded with a library that has a kernel too; the kernel runs:");
        Model model = load(file, SoftThreshold.FAST);
        right &= check(model, out);
        model.session().inspect().explain(inputs()).lines().forEach(line -> out.println("   " + line));
        out.println("4. Written as ONNX and loaded again:");
        model.save(file);
        right &= check(load(file, SoftThreshold.FAST), out);
        return right ? 0 : 1;
    }

    /** Makes the model. A model with custom operators normally comes from an exporter. */
    private static Model makeModel() {
        GraphBuilder graph = new GraphBuilder("shrink");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        Value y = graph.add(new SoftThreshold(1), "shrink", List.of(x), List.of("y"))
                .getFirst();
        return Model.of(graph.output(y).build(), SoftThreshold.SLOW);
    }

    /**
     * Loads a copy of the file, because the lesson overwrites the file later. Without copy() the file would be mapped.
     */
    private static Model load(Path file, OpLibrary own) {
        return Model.load(file, LoadOptions.standard().copied().operators(own));
    }

    private static Map<String, Tensor> inputs() {
        return Map.of("x", Tensor.of(X));
    }

    private static boolean check(Model model, PrintStream out) {
        float[] y = model.predict(inputs()).tensor("y").toFloatArray();
        // Comparing floats by == accepts 0 and -0.
        boolean right = y.length == EXPECTED.length;
        for (int i = 0; right && i < y.length; i++) {
            right = y[i] == EXPECTED[i];
        }
        out.println("   " + (right ? "right: " : "WRONG: ") + Arrays.toString(X) + " -> " + Arrays.toString(y));
        return right;
    }
}
