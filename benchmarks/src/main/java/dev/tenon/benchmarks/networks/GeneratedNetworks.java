package dev.tenon.benchmarks.networks;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

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
    UNET32("generated-unet32", UNet.CHANNELS32);

    private static final long SEED = 20261202;

    private final String title;
    private final Network network;

    GeneratedNetworks(String title, Network network) {
        this.title = title;
        this.network = network;
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
     * Writes the file if it is not there.
     *
     * @param folder the folder of models, which is made if need be
     * @param log is told if a file is written
     */
    public void writeIfMissing(Path folder, PrintStream log) {
        Path file = folder.resolve(title + ".onnx");
        if (!Files.isRegularFile(file)) {
            log.println("generating " + file);
            write(title, network, file);
        }
    }

    static void write(String name, Network network, Path file) {
        Model model = Model.of(network.graph(new Layers(name, SEED)));
        model.save(file, SaveOptions.standard().operatorSet(network.operatorSet()));
    }

    /**
     * Writes the file of a model of a benchmark if it is a generated one that is not there.
     *
     * @param file any file
     * @param log is told if a file is written
     */
    public static void writeIfMissing(String file, PrintStream log) {
        Path path = Path.of(file);
        for (GeneratedNetworks each : values()) {
            if (path.endsWith(each.title + ".onnx")) {
                each.writeIfMissing(path.getParent(), log);
            }
        }
    }
}
