package dev.tenon.fuzz;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.SessionOptions;
import dev.tenon.boosting.CatboostBinaryFile;
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
import dev.tenon.testkit.fuzz.Hostile;
import dev.tenon.testkit.fuzz.TextMutation;
import java.awt.image.BufferedImage;
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
import javax.imageio.ImageIO;

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

    /** Models of trees in the format of a tool that trains them. */
    static List<byte[]> trees(String tool) throws IOException {
        return tool.equals("cbm") ? binaryCatboost() : kept(tool);
    }

    private static List<byte[]> binaryCatboost() {
        SplittableRandom random = new SplittableRandom(1);
        return List.of(
                new CatboostBinaryFile(random, true, 1, 2, 1, "Logloss").bytes(),
                new CatboostBinaryFile(random, false, 2, 2, 2, "MultiClass").bytes());
    }

    /** Tokenizer files with all models and most stages. */
    static List<byte[]> tokenizers() throws IOException {
        return kept("tokenizer");
    }

    /** Some texts, as files. */
    static List<byte[]> texts() {
        return Stream.of(
                        "The cat's hello, 123 (the) abab.",
                        " a \u00E9\u0301 \u4E2D\uD83D\uDE00 |1|2 ",
                        "\u0391\u03A3 \u0130stanbul \uAC01\u1100\u1161\u11A8 \u0627\u0644\u0639 [CLS]<x> \r\n\t",
                        "aaaaaaaaaaaaaaaabbbbbbbb 1111111111 ........")
                .map(TextMutation::file)
                .toList();
    }

    /** Small images of several formats and colour models. */
    static List<byte[]> images() throws IOException {
        List<byte[]> files = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(7);
        for (int type : new int[] {
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_INT_ARGB,
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_USHORT_GRAY,
            BufferedImage.TYPE_BYTE_INDEXED,
            BufferedImage.TYPE_BYTE_BINARY
        }) {
            BufferedImage image = new BufferedImage(19, 14, type);
            for (int i = 0; i < 19 * 14; i++) {
                image.setRGB(i % 19, i / 19, random.nextInt(8) == 0 ? random.nextInt() : 0xFF000000 | i * 0x030507);
            }
            for (String format : List.of("png", "jpeg", "bmp", "gif", "tiff", "wbmp")) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                if (ImageIO.write(image, format, out)) {
                    files.add(out.toByteArray());
                }
            }
        }
        return files;
    }

    /** The files of this package whose names begin alike. */
    private static List<byte[]> kept(String start) throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (String name : List.of(
                "xgboost.json",
                "xgboost-linear.json",
                "xgboost-vectors.json",
                "lightgbm.txt",
                "lightgbm-linear.txt",
                "catboost.json",
                "catboost-trees.json",
                "tokenizer-wordpiece.json",
                "tokenizer-bytes.json",
                "tokenizer-fallback.json",
                "tokenizer-unigram.json",
                "tokenizer-words.json")) {
            if (name.startsWith(start)) {
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
