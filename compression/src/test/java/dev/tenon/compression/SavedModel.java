package dev.tenon.compression;

import dev.tenon.Model;
import dev.tenon.SaveOptions;
import java.io.ByteArrayOutputStream;

/** The file of a model. */
public final class SavedModel {
    private SavedModel() {}

    /** The bytes of a model as ONNX. */
    public static byte[] bytes(Model model) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        model.save(out, SaveOptions.standard());
        return out.toByteArray();
    }
}
