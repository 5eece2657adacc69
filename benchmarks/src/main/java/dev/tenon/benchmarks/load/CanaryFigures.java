package dev.tenon.benchmarks.load;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Relu;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Route;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The share of keys that a canary of five per cent gets. */
final class CanaryFigures {
    private static final double WEIGHT = 5;
    private static final double TOLERANCE = 0.3;
    private static final double PERCENT = 100;

    private CanaryFigures() {}

    static List<Figure> measure(ServingRun.Effort effort) {
        GraphBuilder graph = new GraphBuilder("relu");
        Value x = graph.input("x", ValueType.parse("f32[n,4]"));
        Model model = Model.of(graph.output("y", graph.add(new Relu(), x)).build());
        Models models = Models.create(
                SessionOptions.standard().threads(1), BatchOptions.standard().maxRows(1));
        models.load("m", "1", model, Trial.none());
        models.load("m", "2", model, Trial.none());
        models.promote("m", "1");
        models.route("m", Route.weighted(Map.of("1", 95, "2", 5)).byKey());
        Map<String, Tensor> inputs = Map.of("x", Tensor.of(new float[4], 1, 4));
        int second = 0;
        int moved = 0;
        for (int i = 0; i < effort.keys(); i++) {
            Call call = Call.standard().key("user" + i);
            String version = models.answer("m", inputs, call).version();
            second += version.equals("2") ? 1 : 0;
            moved += models.answer("m", inputs, call).version().equals(version) ? 0 : 1;
        }
        double share = PERCENT * second / effort.keys();
        return List.of(new Figure(
                "canary of 5 % over " + effort.keys() + " keys",
                "5 % +- 0.3, sticky",
                String.format(Locale.ROOT, "%.2f %%, %d keys changed their version", share, moved),
                Math.abs(share - WEIGHT) <= TOLERANCE && moved == 0));
    }
}
