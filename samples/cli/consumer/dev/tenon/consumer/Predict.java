package dev.tenon.consumer;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** The smallest application of Tenon: it loads a model and doubles four numbers. */
public final class Predict {
    private Predict() {}

    /**
     * Prints the doubled numbers.
     *
     * @param arguments the path of the model
     */
    public static void main(String[] arguments) {
        Model model = Model.load(Path.of(arguments[0]));
        Outputs out = model.predict(Map.of("x", Tensor.of(new float[] {1, 2, 3, 4}, 1, 4)));
        System.out.println(Arrays.toString(out.tensor("y").toFloatArray()));
    }
}
