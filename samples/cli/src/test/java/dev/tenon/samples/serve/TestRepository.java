package dev.tenon.samples.serve;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Mul;
import dev.tenon.op.shape.Identity;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder of models for servers of tests. */
final class TestRepository {
    private TestRepository() {}

    /** Multiplies the input "x" by a factor, and hands "s" on. */
    static Model scale(float factor) {
        GraphBuilder graph = new GraphBuilder("scale");
        Value x = graph.input("x", ValueType.parse("f32[n,3]"));
        Value s = graph.input("s", ValueType.parse("string[k]"));
        Value by = graph.constant("by", Tensor.scalar(factor));
        graph.output("y", graph.add(new Mul(), x, by));
        graph.output("t", graph.add(new Identity(), s));
        return Model.of(graph.build());
    }

    /**
     * Makes a repository: version 3 of "scale" multiplies by 1000 and has passed its trial before, version 4 fails the same one;
     * "broken" is no model, "bad-trial" has a trial that can't be read; "outside" and version 5 of "scale" are links to places
     * outside. "hidden" has no file.
     */
    static Path in(Path folder) throws IOException {
        Path root = Files.createDirectories(folder.resolve("repository"));
        version(root, "scale", "3", 1000);
        version(root, "scale", "4", 2000);
        Path elsewhere = version(folder, "elsewhere", "1", 10);
        Files.createSymbolicLink(root.resolve("scale").resolve("5"), elsewhere);
        Files.createSymbolicLink(root.resolve("outside"), elsewhere.getParent());
        Files.writeString(
                root.resolve("scale").resolve("trial.json"),
                "{\"tolerance\":1e-6,\"calls\":[{\"inputs\":[" + MalformedRequests.X + "," + MalformedRequests.S
                        + "],\"outputs\":[{\"name\":\"y\",\"shape\":[2,3],\"datatype\":\"FP32\","
                        + "\"data\":[1000,2000,3000,4000,5000,6000]}]}]}");
        Files.write(Files.createDirectories(root.resolve("broken/1")).resolve("model.onnx"), new byte[] {1, 2, 3});
        Files.writeString(version(root, "bad-trial", "1", 1).resolve("trial.json"), "{\"calls\":[{]}");
        Files.createDirectories(root.resolve("hidden/1"));
        Files.writeString(root.resolve("notes.txt"), "no model");
        return root;
    }

    private static Path version(Path root, String name, String version, float factor) throws IOException {
        Path folder = Files.createDirectories(root.resolve(name).resolve(version));
        scale(factor).save(folder.resolve("model.onnx"));
        return folder;
    }
}
