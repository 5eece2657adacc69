package dev.tenon.fuzz;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.SessionOptions;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.formats.npy.Npy;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.OpDefinition;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.OpCase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Files that campaigns begin with. */
final class Seeds {
    private static final long MOST_BYTES = 12_000;

    private Seeds() {}

    /** The small models below a folder, in the order of their paths. */
    static List<byte[]> corpus(Path folder, int every) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(folder)) {
            paths = walk.filter(p -> p.toString().endsWith(".onnx")).sorted().toList();
        }
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < paths.size(); i += every) {
            if (Files.size(paths.get(i)) <= MOST_BYTES) {
                files.add(Files.readAllBytes(paths.get(i)));
            }
        }
        return files;
    }

    /** A model of one operator for each case of each operator. Operands are inputs or weights. */
    static List<byte[]> operators(int every) {
        List<byte[]> files = new ArrayList<>();
        int number = 0;
        for (OpDefinition<?> definition : AllCases.operators().definitions()) {
            for (OpCase c : AllCases.of(definition)) {
                if (number++ % every == 0) {
                    byte[] file = model(c, number % 3);
                    if (file != null && file.length <= MOST_BYTES) {
                        files.add(file);
                    }
                }
            }
        }
        return files;
    }

    /** The model of a case; null if it is none, or ONNX can't say it. */
    private static byte[] model(OpCase c, int constants) {
        try {
            GraphBuilder builder = new GraphBuilder("one");
            List<Value> operands = new ArrayList<>();
            for (int i = 0; i < c.inputs().size(); i++) {
                Datum d = c.inputs().get(i);
                boolean constant = d instanceof Tensor && (constants == 1 || constants == 2 && i > 0);
                operands.add(
                        d == null
                                ? null
                                : constant ? builder.constant("c" + i, (Tensor) d) : builder.input("x" + i, d.type()));
            }
            List<String> names = new ArrayList<>();
            for (int i = 0; i < Math.max(1, c.outputs()); i++) {
                names.add("y" + i);
            }
            for (Value v : builder.add(c.op(), "node", operands, names)) {
                if (v != null) {
                    builder.output(v);
                }
            }
            return bytes(builder.build());
        } catch (TenonException e) {
            return null;
        }
    }

    private static byte[] bytes(Graph graph) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Model.of(graph).save(out, SaveOptions.standard());
        return out.toByteArray();
    }

    /** Models of trees in the format of a tool that trains them: files whose names begin alike. */
    static List<byte[]> trees(String tool) throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (String name : List.of(
                "xgboost.json",
                "xgboost-linear.json",
                "xgboost-vectors.json",
                "lightgbm.txt",
                "lightgbm-linear.txt",
                "catboost.json",
                "catboost-trees.json")) {
            if (name.startsWith(tool)) {
                try (InputStream in = Seeds.class.getResourceAsStream("/fuzz-seeds/" + name)) {
                    files.add(Objects.requireNonNull(in, name).readAllBytes());
                }
            }
        }
        return files;
    }

    /** Packages of small models, saved in a folder. */
    static List<byte[]> packages(List<byte[]> models, Path folder) throws IOException {
        List<Model> all = new ArrayList<>(List.of(SmallModels.perceptron(), SmallModels.shuffle()));
        for (byte[] file : models) {
            try {
                all.add(Model.load(ByteBuffer.wrap(file)));
            } catch (TenonException ignored) {
                // Some cases of operators are errors.
            }
        }
        List<byte[]> files = new ArrayList<>();
        Path path = folder.resolve("seed.tenon");
        for (Model model : all) {
            try {
                model.session(SessionOptions.standard().threads(1)).save(path);
                files.add(Files.readAllBytes(path));
            } catch (TenonException ignored) {
                // Some models can't be saved.
            }
        }
        return files;
    }

    private static List<Tensor> values() {
        List<Tensor> values = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(7);
        for (DType type : DType.values()) {
            for (long[] dims : new long[][] {{}, {3}, {0}, {2, 3, 4}}) {
                Tensor t = Tensor.allocate(type, dims);
                for (long i = 0; i < t.size(); i++) {
                    if (type == DType.STRING) {
                        t.setUtf8(i, Hostile.text(random));
                    } else if (type == DType.BOOL) {
                        t.setBoolean(i, random.nextBoolean());
                    } else if (type.isComplex()) {
                        t.setComplex(i, random.nextDouble(), 1);
                    } else if (type.isInteger()) {
                        t.setLong(i, random.nextInt(2));
                    } else {
                        t.setDouble(i, random.nextDouble());
                    }
                }
                values.add(t);
            }
        }
        return values;
    }

    /** Tensors of ONNX of all types. */
    static List<byte[]> tensors() throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (Tensor t : values()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            TensorFiles.write(out, "t", t);
            files.add(out.toByteArray());
        }
        return files;
    }

    /** Arrays of NumPy of all types that it has. */
    static List<byte[]> arrays() throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (Tensor t : values()) {
            try {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                Npy.write(out, t);
                files.add(out.toByteArray());
            } catch (TenonException ignored) {
                // NumPy does not have the type.
            }
        }
        return files;
    }
}
