package dev.tenon.compression.train;

import dev.tenon.Model;
import dev.tenon.Session;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network with its loss for batches of one shape, and perhaps its gradients, ready to run. Weights are inputs, which share the
 * arrays of the state. Confined to one thread.
 */
final class Program {
    private final Session session;
    private final Map<String, Tensor> data = new LinkedHashMap<>();
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final float[] loss = new float[1];
    private final float[] output;
    private final List<float[]> gradients = new ArrayList<>();

    /**
     * Compiles a graph.
     *
     * @param model has the operators of the network
     * @param graph a {@link LossGraph}, with gradients behind its outputs or without them
     * @param state the weights
     * @param options the options
     */
    Program(Model model, Graph graph, TrainingState state, TrainingOptions options) {
        for (TrainingState.Weight weight : state.weights) {
            inputs.put(weight.name(), Tensor.wrap(weight.now(), weight.dims()));
        }
        for (Value input : graph.inputs()) {
            if (!inputs.containsKey(input.name())) {
                data.put(
                        input.name(),
                        Tensor.allocate(
                                input.tensorType().dtype(),
                                input.tensorType().shape().toArray()));
            }
        }
        inputs.putAll(data);
        boolean hasGradients = graph.outputNames().size() > 2;
        Value compared = graph.outputs().get(graph.outputNames().indexOf(LossGraph.OUTPUT));
        output = new float[Math.toIntExact(compared.tensorType().shape().knownElements())];
        outputs.put(LossGraph.LOSS, Tensor.wrap(loss, new long[0]));
        if (hasGradients) {
            for (TrainingState.Weight weight : state.weights) {
                float[] gradient = new float[weight.now().length];
                gradients.add(gradient);
                outputs.put("gradient/" + weight.name(), Tensor.wrap(gradient, weight.dims()));
            }
        } else {
            outputs.put(
                    LossGraph.OUTPUT,
                    Tensor.wrap(output, compared.tensorType().shape().toArray()));
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

    /** The gradients of the last run, in the order of the weights. */
    List<float[]> gradients() {
        return gradients;
    }

    /** The compared output of the last run; only without gradients. */
    float[] output() {
        return output;
    }
}
