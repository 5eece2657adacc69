package dev.tenon.compression.train;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.op.geometry.RowMajor;
import dev.tenon.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network with its loss for batches of one shape, and perhaps its gradients, ready to run. Weights are inputs in the memory of the
 * state, those of means without gradients; all programs that make gradients write them into the same memory. Confined to one thread.
 */
final class Program {
    private final Session session;
    private final Map<String, Tensor> data = new LinkedHashMap<>();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final float[] loss = new float[1];
    /** Null with gradients. */
    private final float[] output;

    /**
     * Compiles a graph.
     *
     * @param model has the operators of the network
     * @param graph a {@link LossGraph}, with gradients after its outputs or without them
     * @param state the weights
     * @param gradients receives the gradients, in the order of the weights; empty for none
     * @param options the options
     */
    Program(Model model, Graph graph, TrainingState state, List<Tensor> gradients, TrainingOptions options) {
        for (TrainingState.Weight weight : state.weights) {
            inputs.put(weight.name(), gradients.isEmpty() ? weight.mean() : weight.now());
        }
        for (Value input : graph.inputs()) {
            if (!inputs.containsKey(input.name())) {
                data.put(
                        input.name(),
                        Tensor.allocateNative(
                                input.tensorType().dtype(),
                                input.tensorType().shape().toArray()));
            }
        }
        inputs.putAll(data);
        outputs.put(LossGraph.LOSS, Tensor.wrap(loss, new long[0]));
        for (int i = 0; i < gradients.size(); i++) {
            outputs.put("gradient/" + state.weights.get(i).name(), gradients.get(i));
        }
        if (gradients.isEmpty()) {
            Value compared = graph.outputs().get(graph.outputNames().indexOf(LossGraph.OUTPUT));
            long[] dims = compared.tensorType().shape().toArray();
            output = new float[Math.toIntExact(RowMajor.size(dims))];
            outputs.put(LossGraph.OUTPUT, Tensor.wrap(output, dims));
        } else {
            output = null;
        }
        session = model.withGraph(graph).session(Teacher.sessions(options));
    }

    /** The inputs that a batch fills, by name. */
    Map<String, Tensor> data() {
        return data;
    }

    /** Runs on what is in the inputs. */
    double run() {
        session.predict(inputs, outputs);
        return loss[0];
    }

    /** The compared output of the last run; only without gradients. */
    float[] output() {
        return output;
    }
}
