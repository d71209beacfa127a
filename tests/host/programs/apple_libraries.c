/* The functions of Carbon and Core Audio that Mica calls, with Apple's signatures and a
   small state behind them. Tests call it through ctypes as the app calls the real ones,
   so that a type told wrongly shows. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

typedef struct { uint32_t signature, id; } EventHotKeyID;
typedef struct { uint32_t kind_class, kind; } EventTypeSpec;
typedef int32_t (*Handler)(void *call, void *event, void *data);
typedef struct { uint32_t kind; EventHotKeyID id; double at_s; } Event;

static char target, source, layout[] = "layout", property[] = "property";
static Handler handler;
static struct { uint32_t code, modifiers; EventHotKeyID id; bool held; } keys[8];
static int released;
static char symbolic[] = "symbolic";
const void *kTISPropertyUnicodeKeyLayoutData = property;

void *GetApplicationEventTarget(void) { return &target; }

int32_t InstallEventHandler(void *to, Handler function, unsigned long count,
                            const EventTypeSpec *types, void *data, void **out) {
    bool right = to == &target && count == 2 && !data && !out;
    right = right && types[0].kind_class == 'keyb' && types[0].kind == 5;
    if (!right || types[1].kind_class != 'keyb' || types[1].kind != 6) return -50;
    handler = function;
    return 0;
}

int32_t RegisterEventHotKey(uint32_t code, uint32_t modifiers, EventHotKeyID id,
                            void *to, uint32_t options, void **out) {
    uint32_t wanted = code != 53; /* kEventHotKeyExclusive for all but Esc */
    if (to != &target || options != wanted || id.signature != 'Mica') return -50;
    for (int n = 0; n < 8; n++)
        if (keys[n].held && keys[n].code == code && keys[n].modifiers == modifiers)
            return -9878;
    for (int n = 0; n < 8; n++)
        if (!keys[n].held) {
            keys[n].code = code, keys[n].modifiers = modifiers;
            keys[n].id = id, keys[n].held = true;
            *out = &keys[n];
            return 0;
        }
    return -50;
}

int32_t UnregisterEventHotKey(void *key) {
    ((bool *)key)[(char *)&keys[0].held - (char *)&keys[0]] = false;
    return 0;
}

int32_t CopySymbolicHotKeys(void **out) {
    *out = symbolic;
    return 0;
}

uint32_t GetEventKind(void *event) { return ((Event *)event)->kind; }

double GetEventTime(void *event) { return ((Event *)event)->at_s; }

int32_t GetEventParameter(void *event, uint32_t name, uint32_t type, uint32_t *actual,
                          unsigned long size, unsigned long *out_size, void *out) {
    if (name != '----' || type != 'hkid' || actual || out_size || size != 8) return -50;
    memcpy(out, &((Event *)event)->id, 8);
    return 0;
}

/* The user presses (5) or releases (6) a key, 12.5 s after the system's start: 0 when
   it is one of ours. */
int32_t press(uint32_t code, uint32_t modifiers, uint32_t kind) {
    for (int n = 0; n < 8; n++)
        if (keys[n].held && keys[n].code == code && keys[n].modifiers == modifiers) {
            Event event = {kind, keys[n].id, 12.5};
            return handler(&target, &event, 0);
        }
    return -1;
}

bool IsSecureEventInputEnabled(void) { return true; }
void *TISCopyCurrentKeyboardLayoutInputSource(void) { return &source; }
void *TISCopyCurrentASCIICapableKeyboardLayoutInputSource(void) { return &source; }

void *TISGetInputSourceProperty(void *of, const void *key) {
    return of == &source && key == property ? layout : 0;
}

const void *CFDataGetBytePtr(void *data) { return data == layout ? layout : 0; }
void CFRelease(void *thing) { released += thing != 0; }
int times_released(void) { return released; }
uint8_t LMGetKbdType(void) { return 40; }

/* Dvorak, which is QWERTY while Command is held. */
int32_t UCKeyTranslate(const void *of, uint16_t code, uint16_t action,
                       uint32_t modifiers, uint32_t keyboard, uint32_t options,
                       uint32_t *dead, unsigned long room, unsigned long *length,
                       uint16_t *out) {
    if (of != layout || action != 3 || keyboard != 40 || options != 1) return -50;
    *dead = 0;
    *length = room >= 1 && (code == 47 || code == 9);
    out[0] = code == 47 ? (modifiers ? '.' : 'V') : (modifiers ? 'v' : 'k');
    return 0;
}

typedef struct { uint32_t selector, scope, element; } Address;
typedef int32_t (*Listener)(uint32_t, uint32_t, const Address *, void *);
static const char *const names[] = {"", "", "MacBook microphone", "Grüne Kopfhörer",
                                    "Lautsprecher", 0, ""};
static const uint32_t kinds[] = {0, 0, 'bltn', 'blue', 'bltn', 'hdmi', 0};
static Listener listeners[4];
static int listening;
static uint32_t output = 3, input = 2;

int32_t AudioObjectGetPropertyDataSize(uint32_t thing, const Address *what,
                                       uint32_t qualifier_size, const void *qualifier,
                                       uint32_t *size) {
    if (qualifier_size || qualifier || what->element) return 'what';
    bool hears = thing == 2 || thing == 3 || thing == 5;
    switch (what->selector) {
    case 'dev#': *size = 16; return thing == 1 && what->scope == 'glob' ? 0 : 'nope';
    case 'dIn ': *size = 4; return input ? 0 : 'nope';
    case 'dOut': *size = 4; return output ? 0 : 'nope';
    case 'tran': *size = 4; return thing < 6 ? 0 : 'nope';
    case 'stm#': *size = what->scope == 'inpt' && hears ? 4 : 0; return 0;
    }
    return 'nope';
}

int32_t AudioObjectGetPropertyData(uint32_t thing, const Address *what,
                                   uint32_t qualifier_size, const void *qualifier,
                                   uint32_t *size, void *out) {
    static const uint32_t devices[] = {2, 3, 4, 5};
    if (qualifier_size || qualifier || what->scope != 'glob') return 'what';
    switch (what->selector) {
    case 'dev#': memcpy(out, devices, *size); return 0;
    case 'dIn ': memcpy(out, &input, 4); return 0;
    case 'dOut': memcpy(out, &output, 4); return 0;
    case 'tran': memcpy(out, &kinds[thing], 4); return 0;
    case 'lnam': *(const char **)out = names[thing]; return *size == 8 ? 0 : 'size';
    }
    return 'nope';
}

int32_t AudioObjectAddPropertyListener(uint32_t thing, const Address *what,
                                       Listener function, void *data) {
    if (thing != 1 || what->scope != 'glob' || data || listening == 3) return 'what';
    listeners[listening++] = function;
    return 0;
}

bool CFStringGetCString(const char *text, char *out, long room, uint32_t encoding) {
    if (encoding != 0x08000100 || (long)strlen(text) >= room) return false;
    strcpy(out, text);
    return true;
}

/* The terminal, of what runs in it. */
pid_t responsibility_get_pid_responsible_for_pid(pid_t pid) {
    return pid == getpid() ? 4711 : -1;
}

/* The system plays on that device from now on; 0: on none. */
void plug(uint32_t device) {
    Address what = {'dOut', 'glob', 0};
    output = device;
    for (int n = 0; n < listening; n++) listeners[n](1, 1, &what, 0);
}

/* The system listens by that device from now on; 0: by none. */
void choose(uint32_t device) { input = device; }
