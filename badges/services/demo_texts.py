"""What the demo people wrote as evidence, criterion by criterion. Everybody in it is invented."""

# Mikko teaches metalwork and guides students at three workshops.
MIKKO_WGB = {
    1: (
        "Ten days before the start I called the workshop. We named a deputy for the days when the"
        " instructor drives, chose sorting and measuring bar stock as the first task, and asked"
        " the size of safety shoes. On Friday the student got the name, the door and the time."
    ),
    2: (
        "We walked the workshop along the way of the material. The student read the emergency"
        " stops aloud and showed me two of them again at the end. House rules fitted on one card:"
        " telephone in the locker, gloves never at the lathe, ask before you switch on."
    ),
    3: (
        "The goal was “turns a shaft to tolerance”. We cut it into: measures ten parts and writes"
        " them down, faces one end, turns to 0.5 mm, turns to 0.1 mm. Each step was a real order."
    ),
    4: (
        "Facing: I prepared three blanks, did one slowly without talking, did one and explained,"
        " then the student explained while I worked, then worked alone. The hesitation came at"
        " setting the zero, so we repeated only that."
    ),
    5: (
        "Every Friday at two o’clock. Fact: four of five parts were inside 0.1 mm. Effect: the"
        " order left on time. Next step: set the zero alone on Monday. The student wrote the next"
        " step into the diary and the workplace confirmed the week."
    ),
    6: (
        "The student works, asks and writes the diary. The workplace gives real work, an"
        " instructor and a safe place, and confirms the weeks. The school decides what has to be"
        " learned and helps when something stops. With doubts about safety the workplace decides"
        " at once, with doubts about learning I am called."
    ),
}

# Pekka runs the service hall of a machine shop; his confirmed weeks come from the portal.
PEKKA_WGB = {
    1: (
        "I told the morning shift on Thursday who comes and why. Sami is the deputy. The first"
        " task waited on the bench: cleaning and naming the parts of a worn gripper."
    ),
    2: (
        "First hour: coffee, names, the two doors, the eye shower, who may start which machine."
        " At noon I asked three questions about it; one answer was missing, so we walked again."
    ),
    3: (
        "Changing a bearing became five jobs over three weeks: take off the cover, clean the seat,"
        " press in an old bearing, press in a new one with me, then alone with a check."
    ),
    4: (
        "I showed the press once without words. Then we did it together and the student told me"
        " what comes next. Alone from the third one. The force was the difficult thing, so we"
        " marked the gauge."
    ),
    5: (
        "On Fridays we look at the week for five minutes: one thing that worked, one number, one"
        " next step. The weeks below are those I confirmed."
    ),
    6: (
        "I answer for safety and for real work, the teacher for goals and assessment, the student"
        " for being there and asking. When the student was away for two days, I told the teacher"
        " the same morning."
    ),
}

# Jānis took somebody else's plan for his own; the school found out later.
JANIS_WGB = {
    number: text.replace("workshop", "carpentry shop") for number, text in MIKKO_WGB.items()
}

SARI_GDE = {
    1: (
        "The bakery starts at four in the morning, so calls are out. We chose messages for every"
        " day and a call to the shift phone for anything urgent. Both said yes in the first talk."
    ),
    2: (
        "On one page: the student writes on Tuesday and Friday before noon, I read the same day,"
        " an answer takes at most one school day. Nobody writes after six in the evening."
    ),
    3: (
        "A message for the weekly question, a call when the oven broke and plans changed, a video"
        " call with the instructor in week three, because shaping a loaf has to be seen."
    ),
    4: (
        "In the diary of week two stood “dough too warm again”. I asked for the temperatures of"
        " three doughs. In week three the student had cooled the water by herself and wrote why."
    ),
    5: (
        "Hours and tasks are in the portal, where school and workplace see them. Names of"
        " customers, health and faces never go into messages or photos. I delete messages at the"
        " end of the term."
    ),
    6: (
        "The student reads slowly. I send voice messages of half a minute and put the question"
        " first. Since then every Tuesday was answered."
    ),
}

JUSSI_CGW = {
    1: "We held a goal talk in week two, in the meeting room, half an hour before the shift.",
    2: "I asked open questions and listened.",
    3: (
        "Reading the delivery list is what a warehouse planner does all day. We looked at the"
        " further studies for it on one page and marked which course she already has."
    ),
    4: (
        "We read the pay slip together line by line. For the evening supplement I showed where"
        " the collective agreement is published and how to look it up by herself."
    ),
    5: "Study questions go to the counsellor, money to the social office, worries to the nurse.",
    6: (
        "She chose evening work although I would have advised against it. I told her what I see,"
        " once, and helped to plan the bus."
    ),
}
JUSSI_NOTES = {
    2: "Write down two questions that you asked, and what the student said then.",
    1: "",
}

ANNA_AWP = {
    1: (
        "“Works in order” means here: the bench is empty at four, the parts are in their boxes and"
        " the list is signed. I read it to the teacher on the telephone and she agreed."
    ),
    2: "",
}

# Sanne leads the practice office of a bakery college and has rewritten how bakeries begin.
SANNE_PLAN = (
    "I show how the first week in three bakeries changed, with the checklist before and after.\n"
    "Two instructors whom I coached describe in their own words what they do differently now.\n"
    "The period is the last two school years. The owner of one bakery can confirm it.\n"
    "I also show the meeting that failed, and what I changed after it.\n"
    "My own guiding is shown by the placement of this autumn."
)
SANNE_WGB = {
    7: (
        "Before, every bakery began differently and two students were sent to the ovens on day one."
        " With the owners I wrote a first week of five half days: hygiene, dough, shaping, ovens,"
        " closing. In the first year nobody used it, because it was four pages. The second version"
        " is one page on the wall, and in the second year no student began at the ovens."
    ),
    8: (
        "I sat beside two instructors in three feedback talks each. Afterwards they said first what"
        " they had heard themselves doing. One of them now asks before she explains."
    ),
    9: (
        "This autumn I guide one student in the shop myself, every Thursday morning. Her diary of"
        " week six shows how we moved from customers’ names to special orders."
    ),
}
SANNE_MARKS = {
    "leena": "The one-page version shows the change clearly.",
    "riitta": "We would use this first week in our own company.",
}
PEKKA_ENDORSED = (
    "Pekka has guided eleven students in our service hall. Since he works with these steps, they"
    " change a bearing alone in the third week."
)
MIKKO_ABOUT = "I teach metalwork in Hämeenlinna and guide students at three workshops."
BATCH_NAME = "Mentor course, autumn"
BATCH_REASON = (
    "All of them took the six evenings of the course and showed their six criteria on the last day."
)
BATCH_PEOPLE = (
    ("Helmi Demo", "helmi.demo@example.org"),
    ("Otto Demo", "otto.demo@example.org"),
    ("Vilja Demo", "vilja.demo@example.org"),
)
