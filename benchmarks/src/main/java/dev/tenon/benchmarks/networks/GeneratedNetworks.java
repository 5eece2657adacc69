package dev.tenon.benchmarks.networks;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.compression.Compressor;
import dev.tenon.compression.quantize.Quantize;
import dev.tenon.samples.Usage;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** The networks that the benchmarks generate. The names of their files say that they are generated. */
public enum GeneratedNetworks {
    /** BERT-base, 109 million weights. */
    BERT_BASE("generated-bert-base", Bert.BASE),
    /** ViT-B/16, 86 million weights. */
    VIT_B16("generated-vit-b16", VisionTransformer.B16),
    /** The encoder of Whisper-base, 20 million weights. */
    WHISPER_BASE_ENCODER("generated-whisper-base-encoder", WhisperEncoder.BASE),
    /** ResNet-50, 26 million weights. */
    RESNET50("generated-resnet50", ResNet.RESNET50),
    /** EfficientNet-B0, 5 million weights. */
    EFFICIENTNET_B0("generated-efficientnet-b0", EfficientNet.B0),
    /** A detector like YOLOv8n, 3 million weights. */
    YOLOV8N_LIKE("generated-yolov8n-like", Yolo.LIKE_YOLOV8N),
    /** A U-Net of 32 channels, 8 million weights. */
    UNET32("generated-unet32", UNet.CHANNELS32),
    /** A U-Net of 16 channels and larger images. */
    UNET16_512("generated-unet16-512", UNet.IMAGE512),
    /** A U-Net of 8 channels and images that are larger still. */
    UNET8_1024("generated-unet8-1024", UNet.IMAGE1024),
    /** MobileNetV2, 4 million weights. */
    MOBILENET_V2("generated-mobilenet-v2", MobileNet.V2),
    /** ResNet-50, dynamically quantised. */
    RESNET50_DYNAMIC(RESNET50),
    /** The U-Net of 32 channels, dynamically quantised. */
    UNET32_DYNAMIC(UNET32),
    /** The U-Net of 16 channels, dynamically quantised. */
    UNET16_512_DYNAMIC(UNET16_512),
    /** The U-Net of 8 channels, dynamically quantised. */
    UNET8_1024_DYNAMIC(UNET8_1024),
    /** MobileNetV2, dynamically quantised. */
    MOBILENET_V2_DYNAMIC(MOBILENET_V2);

    /** The word of the command line that writes all files. */
    public static final String NAME = "networks";

    private static final long SEED = 20261202;

    private final String title;
    private final Network network;
    private final boolean isQuantized;

    GeneratedNetworks(String title, Network network) {
        this.title = title;
        this.network = network;
        isQuantized = false;
    }

    /** A network whose products and convolutions multiply bytes, by the recipe {@code int8-dynamic}. */
    GeneratedNetworks(GeneratedNetworks floats) {
        title = floats.title + "-int8-dynamic";
        network = floats.network;
        isQuantized = true;
    }

    /**
     * The name of its file.
     *
     * @return the name without its ending
     */
    public String title() {
        return title;
    }

    /**
     * Runs {@code benchmarks/run networks}: writes the files that are not there.
     *
     * @param log is told about each file that is written
     * @param folder the folder of models
     */
    public static void run(PrintStream log, Path folder) {
        for (GeneratedNetworks each : values()) {
            writeIfMissing(folder.resolve(each.file()), log);
        }
    }

    /** {@return the usage of this run} */
    public static Usage usage() {
        return Usage.of(
                        "benchmarks/run " + NAME,
                        "Generates the networks that 'compare all' and 'compare int8' measure.")
                .spaced()
                .arguments("[FOLDER]", "where they are written; the folder of models if not given")
                .example("benchmarks/run " + NAME);
    }

    /**
     * Whether a file has the name of a generated network.
     *
     * @param file any file
     * @return true if it has
     */
    public static boolean has(Path file) {
        return of(file).isPresent();
    }

    /**
     * Writes a file if it has the name of a generated network and is not there.
     *
     * @param file any file
     * @param log is told if the file is written
     */
    public static void writeIfMissing(Path file, PrintStream log) {
        of(file).filter(network -> !Files.isRegularFile(file)).ifPresent(network -> {
            log.println("generating " + file);
            write(network.title, network.network, network.isQuantized, file);
        });
    }

    private static Optional<GeneratedNetworks> of(Path file) {
        return Arrays.stream(values())
                .filter(network -> file.endsWith(network.file()))
                .findFirst();
    }

    private String file() {
        return title + ".onnx";
    }

    static void write(String name, Network network, boolean isQuantized, Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Model model = Model.of(network.graph(new Layers(name, SEED)));
        if (isQuantized) {
            model = Compressor.of(model).apply(Quantize.dynamicInt8()).run().model();
        }
        model.save(file, SaveOptions.standard().operatorSet(network.operatorSet()));
    }
}
