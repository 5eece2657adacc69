package dev.tenon.samples.grpc;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Mul;
import dev.tenon.op.shape.Identity;
import dev.tenon.samples.serve.DataType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Locale;

/** Small models. */
final class TestModels {
    private TestModels() {}

    /** Multiplies "x" by a factor, and hands the text "s" on. */
    static Model scale(float factor) {
        GraphBuilder graph = new GraphBuilder("scale");
        Value x = graph.input("x", ValueType.parse("f32[n,3]"));
        Value s = graph.input("s", ValueType.parse("string[k]"));
        Value by = graph.constant("by", Tensor.scalar(factor));
        graph.output("y", graph.add(new Mul(), x, by));
        graph.output("t", graph.add(new Identity(), s));
        return Model.of(graph.build());
    }

    /** Hands on an input of each type; inputs are named by their types in lower case, outputs by "out_" and that. */
    static Model everyType() {
        GraphBuilder graph = new GraphBuilder("every-type");
        for (DataType type : DataType.values()) {
            String name = type.name().toLowerCase(Locale.ROOT);
            Value input = graph.input(name, ValueType.parse(type.dtype().text() + "[n]"));
            graph.output("out_" + name, graph.add(new Identity(), input));
        }
        return Model.of(graph.build());
    }

    /** Waits at the gate, then doubles its input. */
    static Model gate() {
        GraphBuilder graph = new GraphBuilder("gate");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        Value y = graph.add(new Gate(), "gate", List.of(x), List.of("g")).getFirst();
        graph.output("y", graph.add(new Mul(), y, graph.constant("two", Tensor.scalar(2f))));
        return Model.of(graph.build(), Gate.LIBRARY);
    }
}
